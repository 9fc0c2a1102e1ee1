import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReferenceBackend, splitParams } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models'
import { exportForWeb, loadMorphableModel, openModelStore } from '@3ddfa/models/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseNpy } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'

const sources = [shared('upstream'), shared('standin')]
const golden = shared('golden')
const missing = sources.includes(undefined) || !golden

describe.skipIf(missing)(`models for the web${missing ? ' (skipped: ../shared is not here)' : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-export-'))
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
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

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

  it('move no vertex by 0.02 px, at 700 px a face', async () => {
    const [full, half] = [await loadMorphableModel(store), readMorphableModel(read('bfm'))]
    expect(half.triangles).toEqual(full.triangles)
    const backend = new ReferenceBackend()
    const frame = { roi: { x1: 0, y1: 0, x2: 700, y2: 700 }, inputSize: 120 }
    for (const name of ['emma_param', 'trump_hillary_param']) {
      const params = Float32Array.from(npy(name).data.subarray(0, 62))
      const [a, b] = [full, half].map((model) => backend.decode(model, splitParams(model, params), frame))
      const worst = a!.reduce((most, value, i) => Math.max(most, Math.abs(value - b![i]!)), 0)
      expect(worst).toBeGreaterThan(0)
      expect(worst).toBeLessThan(0.02)
    }
  })

  it('move no landmark by 0.05 px through float16 weights, at 300 px a face', async () => {
    const model = await loadMorphableModel(store)
    const backend = new ReferenceBackend()
    const data = Uint8Array.from(npy('emma_crop').data.subarray(0, 43200))
    const frame = { roi: { x1: 0, y1: 0, x2: 300, y2: 300 }, inputSize: 120 }
    const decode = async (network: string | Uint8Array) => {
      const session = await createNodeSession(network)
      const { params } = await session.run({ image: { type: 'uint8', data, dims: [1, 120, 120, 3] } })
      await session.dispose()
      return backend.decode(model, splitParams(model, params!.data as Float32Array), frame)
    }
    const [a, b] = [await decode(await store.path('mb05')), await decode(read('mb05'))]
    const worst = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
    expect(worst).toBeGreaterThan(0)
    expect(worst).toBeLessThan(0.05)
  })

  it('replace those of an earlier export', async () => {
    await exportForWeb(store, web, ['faceboxes'])
    expect(readdirSync(web).sort()).toEqual([expect.stringMatching(/^faceboxes\.[0-9a-f]{12}\.onnx$/), 'models.json'])
  })
})
