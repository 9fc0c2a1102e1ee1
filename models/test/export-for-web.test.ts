import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MorphableModel, ReferenceBackend, splitParams } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models'
import { exportForWeb, loadMorphableModel, openModelStore } from '@3ddfa/models/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseNpy } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import { temporaryFolder } from '../../scripts/temporary-folder.mjs'

const sources = [shared('upstream'), shared('standin')]
const golden = shared('golden')
const missing = sources.includes(undefined) || !golden

describe.skipIf(missing)(`models for the web${missing ? ' (skipped: ../shared is not here)' : ''}`, () => {
  const folder = temporaryFolder('export')
  const store = openModelStore({
    cacheDir: join(folder, 'cache'),
    sources: sources as string[],
    offline: true,
    onWarning: () => {},
  })
  const web = join(folder, 'web')

  beforeAll(async () => {
    await exportForWeb(store, web)
  })

  const read = (prefix: string): Buffer =>
    readFileSync(join(web, readdirSync(web).find((name) => name.startsWith(prefix))!))
  const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`))

  it('are named, hashed, and half as large', () => {
    const { models } = JSON.parse(read('models.json').toString())
    const sizes = models.map(({ id, bytes }: { id: string; bytes: number }) => [id, (bytes / 1e6).toFixed(1)])
    expect(sizes).toEqual([
      ['mb05', '2.5'],
      ['faceboxes', '2.0'],
      ['bfm', '13.2'],
    ])
    expect(models[2].licences).toContain('Basel Face Model licence')
    expect(models[2].notes[0]).toContain('stand-in')
  })

  const backend = new ReferenceBackend()
  const frame = (size: number) => ({ roi: { x1: 0, y1: 0, x2: size, y2: size }, inputSize: 120 })
  /** Pixels, between the meshes of two models and parameters in an ROI of the size. */
  function distance(
    size: number,
    [a, p]: [MorphableModel, Float32Array],
    [b, q]: [MorphableModel, Float32Array],
  ): number {
    const [first, second] = [
      backend.decode(a, splitParams(a, p), frame(size)),
      backend.decode(b, splitParams(b, q), frame(size)),
    ]
    return first.reduce((most, value, i) => Math.max(most, Math.abs(value - second[i]!)), 0)
  }
  const faces = (name: string, length: number, type: typeof Float32Array | typeof Uint8Array) =>
    ['emma', 'trump_hillary'].flatMap((picture) => {
      const { data } = npy(`${picture}_${name}`)
      return Array.from({ length: data.length / length }, (_, i) =>
        type.from(data.subarray(length * i, length * (i + 1))),
      )
    })

  it.each([120, 300, 700])('move no vertex of the golden faces by 0.02 px at %i px a face', async (size) => {
    const [full, half] = [await loadMorphableModel(store), readMorphableModel(read('bfm'))]
    expect(half.triangles).toEqual(full.triangles)
    for (const params of faces('param', 62, Float32Array) as Float32Array[]) {
      const worst = distance(size, [full, params], [half, params])
      expect(worst).toBeGreaterThan(0)
      expect(worst).toBeLessThan((0.02 * size) / 700)
    }
  })

  it('move no landmark by 0.1 px through float16 weights, at 700 px a face', async () => {
    const model = await loadMorphableModel(store)
    const landmarks = (params: Float32Array) => {
      const mesh = backend.decode(model, splitParams(model, params), frame(700))
      return Array.from(model.landmarks, (v) => [mesh[3 * v]!, mesh[3 * v + 1]!] as const)
    }
    const sessions = await Promise.all([createNodeSession(await store.path('mb05')), createNodeSession(read('mb05'))])
    for (const bgr of faces('crop', 43200, Uint8Array)) {
      const data = Uint8Array.from(bgr, (_, i) => bgr[i + 2 - 2 * (i % 3)]!)
      const feed = { image: { type: 'uint8', data, dims: [1, 120, 120, 3] } } as const
      const [a, b] = await Promise.all(
        sessions.map(async (session) => landmarks((await session.run(feed))['params']!.data as Float32Array)),
      )
      const worst = Math.max(...a!.map(([x, y], i) => Math.hypot(x - b![i]![0], y - b![i]![1])))
      expect(worst).toBeGreaterThan(0)
      expect(worst).toBeLessThan(0.1)
    }
    for (const session of sessions) await session.dispose()
  })

  it('leave a UV mesh as it is', async () => {
    const other = join(folder, 'uv')
    const { models } = await exportForWeb(store, other, ['prnet-uv'])
    expect(models[0]!.file).toMatch(/^prnet_uv\.[0-9a-f]{12}\.safetensors$/)
    expect(readFileSync(join(other, models[0]!.file)).equals(readFileSync(await store.path('prnet-uv')))).toBe(true)
  })

  it('replace those of an earlier export', async () => {
    writeFileSync(join(web, 'my-own.deadbeef0123.onnx'), 'mine')
    await exportForWeb(store, web, ['faceboxes'])
    expect(readdirSync(web).sort()).toEqual([
      expect.stringMatching(/^faceboxes\.[0-9a-f]{12}\.onnx$/),
      'models.json',
      'my-own.deadbeef0123.onnx',
    ])
  })

  it.each(['{"fruits": []}', 'none', '{"version": 1, "models": [{}]}'])(
    'leave a list of others alone: %s',
    async (list) => {
      const other = mkdtempSync(join(folder, 'foreign-'))
      writeFileSync(join(other, 'models.json'), list)
      await expect(exportForWeb(store, other, ['faceboxes'])).rejects.toThrow(
        `${join(other, 'models.json')} is not of an earlier export, and is kept; remove it or name another folder.`,
      )
      expect(readdirSync(other)).toEqual(['models.json'])
      expect(readFileSync(join(other, 'models.json'), 'utf8')).toBe(list)
    },
  )
})
