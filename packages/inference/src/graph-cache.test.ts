import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_GRAPHS } from './graph-cache.ts'
import { createNodeSession } from './node.ts'
import { type TinyValue, tinyNetwork } from './testing.ts'

const x: TinyValue = { name: 'x', type: 'float32', dims: [2] }
const network = (op: string): Uint8Array => tinyNetwork(op, [x], { ...x, name: 'y' })

describe('graphCache', () => {
  let folder: string
  let graphCache: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), '3ddfa graphs ü '))
    graphCache = join(folder, 'graphs')
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** What the network says of 4 and 9. */
  async function answer(model: Uint8Array | string, options = {}): Promise<number[]> {
    const session = await createNodeSession(model, { graphCache, ...options })
    try {
      const { y } = await session.run({ x: { type: 'float32', data: Float32Array.of(4, 9), dims: [2] } })
      return [...(y!.data as Float32Array)]
    } finally {
      await session.dispose()
    }
  }

  const files = async (): Promise<string[]> => (await readdir(graphCache)).sort()
  const only = async (): Promise<string> => {
    const names = await files()
    expect(names).toHaveLength(1)
    return join(graphCache, names[0]!)
  }

  it('keeps one graph a network, and opens it the next time', async () => {
    expect(await answer(network('Sqrt'))).toEqual([2, 3])
    const path = await only()
    const [before, old] = [await readFile(path), new Date(2000, 1)]
    await utimes(path, old, old)
    expect(await answer(network('Sqrt'))).toEqual([2, 3])
    // Not written again: it was good.
    expect(await readFile(await only())).toEqual(before)
    expect(await answer(network('Neg'))).toEqual([-4, -9])
    expect(await files()).toHaveLength(2)
  })

  it('knows a file that was written again, of the same size too', async () => {
    const path = join(folder, 'net.onnx')
    await writeFile(path, network('Sqrt'))
    expect(await answer(path)).toEqual([2, 3])
    expect(await answer(path)).toEqual([2, 3])
    await only()
    await rm(path)
    await writeFile(path, network('Ceil'))
    expect(await answer(path)).toEqual([4, 9])
  })

  it('replaces a file that is damaged, cut off, empty, none of ours or no file', async () => {
    await answer(network('Sqrt'))
    const path = await only()
    const good = await readFile(path)
    for (const bad of [
      Buffer.from(good).fill(0xff, 3, 40),
      good.subarray(0, -9),
      Buffer.alloc(0),
      Buffer.alloc(1e6, 'x'),
    ]) {
      await writeFile(path, bad)
      expect(await answer(network('Sqrt'))).toEqual([2, 3])
      expect(await readFile(path)).toEqual(good)
    }
    await rm(path)
    await mkdir(path)
    expect(await answer(network('Sqrt'))).toEqual([2, 3])
    expect(await readFile(path)).toEqual(good)
  })

  it('does without a folder that cannot be made', async () => {
    await writeFile(graphCache, 'a file')
    expect(await answer(network('Sqrt'))).toEqual([2, 3])
    expect(await readFile(graphCache, 'utf8')).toBe('a file')
  })

  it('says of a network that cannot be read what it says without, and keeps nothing', async () => {
    const bad = Uint8Array.of(1, 2, 3)
    const said = await createNodeSession(bad).catch((error: Error) => error.message)
    await expect(createNodeSession(bad, { graphCache })).rejects.toThrow(said as string)
    expect(await files()).toEqual([])
  })

  it('leaves nothing half done when many open the same at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => answer(network('Sqrt'))))
    expect(answers).toEqual(Array(6).fill([2, 3]))
    await only()
  })

  it('removes the oldest beyond its limit, and leaves what is not its own', async () => {
    await mkdir(graphCache)
    const names = Array.from({ length: MAX_GRAPHS + 3 }, (_, i) => `old${i}.graph.onnx${i % 2 ? '.1.tmp' : ''}`)
    for (const [i, name] of [...names, 'notes.txt'].entries()) {
      await writeFile(join(graphCache, name), 'old')
      await utimes(join(graphCache, name), new Date(2000, 1, i + 1), new Date(2000, 1, i + 1))
    }
    await answer(network('Sqrt'))
    const left = await files()
    expect(left).toHaveLength(MAX_GRAPHS + 1)
    expect(left).toContain('notes.txt')
    expect(left).not.toContain('old3.graph.onnx.1.tmp')
    expect(left).toContain(names.at(-1))
  })
})
