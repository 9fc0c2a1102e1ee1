import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importFaceBoxes, importRegressor } from '../../../models/src/index.ts'
import { findChromium, openPage } from '../../../scripts/chromium.mjs'
import { shared } from '../../../scripts/shared.mjs'

const root = shared('upstream/3DDFA_V2')
const missing = !root ? '../shared/upstream is not here' : !findChromium() ? 'no Chromium on this machine' : ''
const entry = fileURLToPath(new URL('./web.page.ts', import.meta.url))

const NETWORKS: Record<'mb05' | 'faceboxes', number[]> = { mb05: [1, 120, 120, 3], faceboxes: [1, 96, 160, 3] }

type Page = Awaited<ReturnType<typeof openPage>>
interface Ran {
  provider: string
  notes: string[]
  outputs: Record<string, number[]>
}

describe.skipIf(missing)(`onnxruntime-web in Chromium${missing && ` (skipped: ${missing})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-web-'))
  const expected: Record<string, Record<string, Tensor>> = {}
  let page: Page

  beforeAll(async () => {
    const read = (file: string) => readFile(`${root}/${file}`)
    const networks = {
      mb05: importRegressor({
        checkpoint: await read('weights/mb05_120x120.pth'),
        meanStd: await read('configs/param_mean_std_62d_120x120.pkl'),
      }),
      faceboxes: importFaceBoxes({ checkpoint: await read('FaceBoxes/weights/FaceBoxesProd.pth') }),
    }
    for (const [name, dims] of Object.entries(NETWORKS)) {
      const bytes = networks[name as keyof typeof networks]
      writeFileSync(join(folder, `${name}.onnx`), bytes)
      const session = await createNodeSession(bytes)
      const data = Uint8Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => (i * 7919) >> 3)
      expected[name] = await session.run({ image: { type: 'uint8', data, dims } })
      await session.dispose()
    }
    page = await openPage({
      entry,
      folders: { '/models': folder },
      args: [
        '--enable-unsafe-webgpu',
        '--enable-features=Vulkan',
        '--use-webgpu-adapter=swiftshader',
        '--enable-precise-memory-info',
        '--js-flags=--expose-gc',
      ],
    })
  })

  afterAll(async () => {
    await page?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const evaluate = (name: string, args: unknown[]): Promise<Ran> =>
    page.page.evaluate(
      ([fn, list]) =>
        (globalThis as unknown as Record<string, (...a: unknown[]) => unknown>)[fn as string]!(...(list as unknown[])),
      [name, args] as const,
    ) as Promise<Ran>

  function expectSame(name: string, { outputs }: Ran, tolerance: number): void {
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected[name]!).sort())
    for (const [key, { data }] of Object.entries(expected[name]!)) {
      const largest = Math.max(1, ...Array.from(data as Float32Array, Math.abs))
      const worst = outputs[key]!.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(data[i]))), 0)
      expect(outputs[key]!.length).toBe(data.length)
      expect(worst / largest, `${name} ${key}`).toBeLessThan(tolerance)
    }
  }

  for (const [name, dims] of Object.entries(NETWORKS)) {
    it(`${name} gives Node's numbers in a window (wasm)`, async () => {
      const ran = await evaluate('run', [`/models/${name}.onnx`, dims, {}])
      expect([ran.provider, ran.notes]).toEqual(['wasm', []])
      expectSame(name, ran, 1e-5)
    })

    it(`${name} gives Node's numbers in a module worker (wasm)`, async () => {
      expectSame(name, await evaluate('runInWorker', [`/models/${name}.onnx`, dims, {}]), 1e-5)
    })

    it(`${name} gives Node's numbers on WebGPU (SwiftShader)`, async () => {
      const ran = await evaluate('run', [`/models/${name}.onnx`, dims, { providers: ['webgpu'] }])
      expect(ran.provider).toBe('webgpu')
      expectSame(name, ran, 1e-3)
    })
  }

  it('says why there is one thread on a page that is not isolated', async () => {
    const ran = await evaluate('run', ['/models/mb05.onnx', NETWORKS.mb05, { threads: 4 }])
    expect(ran.notes[0]).toContain('not cross-origin isolated')
  })

  it('asks no other origin', async () => {
    const origins = new Set((await page.page.evaluate('origins()')) as string[])
    expect([...origins]).toEqual([new URL(page.page.url()).origin])
    expect(page.errors).toEqual([])
  })

  it('does not grow with its runs', async () => {
    const { before, after } = (await evaluate('repeat', ['/models/mb05.onnx', NETWORKS.mb05, 400])) as never
    // 400 runs of 43 KB each would be 17 MB.
    expect(after - before).toBeLessThan(8e6)
  })
})

describe.skipIf(!findChromium())(
  `without WebGPU${findChromium() ? '' : ' (skipped: no Chromium on this machine)'}`,
  () => {
    it('names the provider that is missing', async () => {
      const { page, close } = await openPage({ entry })
      try {
        const failure = await page.evaluate(
          `run('/scripts/shared.mjs', [1, 2, 2, 3], { providers: ['webgpu'] }).catch(String)`,
        )
        expect(failure).toMatch(/webgpu: (this browser has no WebGPU|this machine offers no GPU adapter)/)
      } finally {
        await close()
      }
    })
  },
)
