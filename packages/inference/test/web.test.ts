import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importFaceBoxes, importRegressor, type NumericArray, readNumpyPickle } from '../../../models/src/index.ts'
import { findChromium, openPage } from '../../../scripts/chromium.mjs'
import { shared } from '../../../scripts/shared.mjs'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'

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
  const folder = temporaryFolder('web')
  const expected: Record<string, Record<string, Tensor>> = {}
  const asked = new Set<string>()
  let deviations: ArrayLike<number>
  let page: Page

  beforeAll(async () => {
    const read = (file: string) => readFile(`${root}/${file}`)
    const meanStd = await read('configs/param_mean_std_62d_120x120.pkl')
    deviations = (readNumpyPickle(meanStd) as { std: NumericArray }).std.data as Float32Array
    const networks = {
      mb05: importRegressor({ checkpoint: await read('weights/mb05_120x120.pth'), meanStd }),
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
      ],
    })
    page.page.on('request', (request) => asked.add(new URL(request.url()).origin))
  })

  afterAll(async () => {
    await page?.close()
  })

  const evaluate = (name: string, args: unknown[]): Promise<Ran> =>
    page.page.evaluate(
      ([fn, list]) =>
        (globalThis as unknown as Record<string, (...a: unknown[]) => unknown>)[fn as string]!(...(list as unknown[])),
      [name, args] as const,
    ) as Promise<Ran>

  /** Parameters in standard deviations, which go from 1e-5 to 1e5; the detector's outputs as they are. */
  function expectSame(name: string, { outputs }: Pick<Ran, 'outputs'>): void {
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected[name]!).sort())
    for (const [key, { data }] of Object.entries(expected[name]!)) {
      const unit = (i: number) => (key === 'params' ? deviations[i]! : 1)
      const off = outputs[key]!.map((value, i) => Math.abs(value - Number(data[i])) / unit(i))
      expect(off).toHaveLength(data.length)
      expect(
        off.reduce((a, b) => Math.max(a, b)),
        `${name} ${key}`,
      ).toBeLessThan(1e-4)
    }
  }

  for (const [name, dims] of Object.entries(NETWORKS)) {
    it(`${name} gives Node's numbers in a window (wasm)`, async () => {
      const ran = await evaluate('run', [`/models/${name}.onnx`, dims, {}])
      expect([ran.provider, ran.notes]).toEqual(['wasm', []])
      expectSame(name, ran)
    })

    it(`${name} gives Node's numbers in a module worker (wasm)`, async () => {
      expectSame(name, await evaluate('runInWorker', [`/models/${name}.onnx`, dims, {}]))
    })

    it(`${name} gives Node's numbers on WebGPU (SwiftShader)`, async () => {
      const ran = await evaluate('run', [`/models/${name}.onnx`, dims, { executionProviders: ['webgpu'] }])
      expect(ran.provider).toBe('webgpu')
      expectSame(name, ran)
    })
  }

  it('says why there is one thread on a page that is not isolated', async () => {
    const ran = await evaluate('run', ['/models/mb05.onnx', NETWORKS.mb05, { threads: 4 }])
    expect(ran.notes[0]).toContain('not cross-origin isolated')
  })

  it('shares the GPU between sessions, and gets over its loss', async () => {
    const { together, later, meanwhile, again } = (await evaluate('shareAndLose', [
      '/models/mb05.onnx',
      NETWORKS.mb05,
    ])) as never
    for (const params of [...(together as number[][]), again]) expectSame('mb05', { outputs: { params } })
    expect([later, meanwhile]).toEqual(['DeviceLostError', 'DeviceLostError'])
  })

  it('does not grow with its runs', async () => {
    const { before, after } = (await evaluate('repeat', ['/models/mb05.onnx', NETWORKS.mb05, 400])) as never
    // 400 runs of 43 KB each would be 17 MB.
    expect(after - before).toBeLessThan(8e6)
  })

  it('asks no other origin, and logs no error', () => {
    expect([...asked]).toEqual([new URL(page.page.url()).origin])
    expect(page.errors).toEqual([])
  })

  it('takes a WebAssembly from where the caller says', async () => {
    await page.page.reload()
    await page.page.waitForFunction('globalThis.loaded')
    const missing = evaluate('run', ['/models/mb05.onnx', NETWORKS.mb05, { wasm: '/models/nowhere.wasm' }])
    await expect(missing).rejects.toThrow("onnxruntime's WebAssembly at /models/nowhere.wasm does not start")
    await page.page.reload()
    await page.page.waitForFunction('globalThis.loaded')
    const wasm = `/@fs${fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'))}`
    expectSame('mb05', await evaluate('run', ['/models/mb05.onnx', NETWORKS.mb05, { wasm }]))
  })

  it('runs threads on an isolated page', async () => {
    const isolation = {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    }
    await page.page.route('**/*', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), ...isolation } })
    })
    await page.page.reload()
    await page.page.waitForFunction('globalThis.loaded')
    const ran = await evaluate('run', ['/models/mb05.onnx', NETWORKS.mb05, { threads: 2 }])
    expect([ran.provider, ran.notes]).toEqual(['wasm', []])
    expectSame('mb05', ran)
  })
})

describe.skipIf(!findChromium())(
  `without WebGPU${findChromium() ? '' : ' (skipped: no Chromium on this machine)'}`,
  () => {
    it('names the provider that is missing', async () => {
      const { page, close } = await openPage({ entry })
      try {
        const failure = await page.evaluate(
          `run('/scripts/shared.mjs', [1, 2, 2, 3], { executionProviders: ['webgpu'] }).catch(String)`,
        )
        expect(failure).toMatch(/webgpu: (this browser has no WebGPU|this machine offers no GPU adapter)/)
      } finally {
        await close()
      }
    })
  },
)
