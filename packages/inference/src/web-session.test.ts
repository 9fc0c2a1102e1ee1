import { afterEach, describe, expect, it, vi } from 'vitest'
import { DeviceLostError } from './gpu-engine.ts'
import type { WebProvider } from './web-runtime.ts'
import { openWebSession, prepareRuntime } from './web-session.ts'

const MODEL = Uint8Array.of(1, 2, 3)
const FEED = { x: { type: 'float32', data: Float32Array.of(1), dims: [1] } } as const

/** A runtime that doubles its input; `fail` names the provider that does not work. */
function fakeRuntime({ fail, run }: { fail?: WebProvider; run?: () => Promise<object> } = {}) {
  let lose!: (info: { message: string }) => void
  const lost = new Promise<{ message: string }>((resolve) => {
    lose = resolve
  })
  const loaded: WebProvider[] = []
  const env = {
    logLevel: 'warning',
    versions: { web: '1.30.0' },
    wasm: {} as Record<string, unknown>,
    webgpu: { device: Promise.resolve({ lost }) },
  }
  const session = {
    inputMetadata: [{ name: 'x', isTensor: true, type: 'float32', shape: [1] }],
    outputMetadata: [{ name: 'y', isTensor: true, type: 'float32', shape: [1] }],
    release: vi.fn(async () => {}),
    run:
      run ??
      (async ({ x }: { x: { data: Float32Array } }) => ({
        y: { type: 'float32', dims: [1], getData: async () => x.data.map((v) => 2 * v), dispose() {} },
      })),
  }
  const load = async (provider: WebProvider) => {
    loaded.push(provider)
    if (provider === fail) throw new Error('no such file')
    class Tensor {
      constructor(
        readonly type: string,
        readonly data: Float32Array,
      ) {}
      dispose() {}
    }
    module ??= { env, Tensor, InferenceSession: { create } }
    return module
  }
  let module: unknown
  const create = vi.fn(async () => session)
  return { load, loaded, env, session, lose, create }
}

const gpu = (adapter: unknown) => vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } })

afterEach(() => vi.unstubAllGlobals())

describe('openWebSession', () => {
  it('runs on wasm with one thread and asks no other origin', async () => {
    const { load, env, session } = fakeRuntime()
    const made = await openWebSession(load, MODEL)
    expect([made.provider, made.runtimeVersion, made.notes]).toEqual(['wasm', '1.30.0', []])
    expect(env.wasm).toEqual({ numThreads: 1 })
    expect((await made.run(FEED))['y']!.data).toEqual(Float32Array.of(2))
    await made.dispose()
    expect(session.release).toHaveBeenCalledOnce()
    await expect(made.run(FEED)).rejects.toThrow('disposed')
  })

  it('takes the place of the WebAssembly, or its bytes', async () => {
    const { load, env } = fakeRuntime()
    await openWebSession(load, MODEL, { wasm: new URL('https://here.test/ort.wasm') })
    expect(env.wasm['wasmPaths']).toEqual({ wasm: 'https://here.test/ort.wasm' })
    const other = fakeRuntime()
    await openWebSession(other.load, MODEL, { wasm: Uint8Array.of(0, 97, 115, 109).subarray(1) })
    expect(other.env.wasm['wasmBinary']).toEqual(Uint8Array.of(97, 115, 109))
  })

  it('takes one WebAssembly for each provider, since their files differ', async () => {
    gpu({})
    const { load, env } = fakeRuntime()
    const executionProviders = ['webgpu', 'wasm'] as const
    await openWebSession(load, MODEL, { executionProviders, wasm: { webgpu: '/gpu.wasm', wasm: '/cpu.wasm' } })
    expect(env.wasm['wasmPaths']).toEqual({ wasm: '/gpu.wasm' })
    await expect(openWebSession(load, MODEL, { executionProviders, wasm: '/cpu.wasm' })).rejects.toThrow(
      'Expected one for each provider ({ webgpu, wasm }), since their files differ, for wasm but received "/cpu.wasm".',
    )
  })

  it('says in its own words that the WebAssembly does not start', async () => {
    const { load, create } = fakeRuntime()
    const words =
      'no available backend found. ERR: [wasm] RuntimeError: Aborted(both failed). Build with -sASSERTIONS for'
    create.mockRejectedValue(new Error(words))
    await expect(openWebSession(load, MODEL, { wasm: '/ort.wasm' })).rejects.toThrow(
      "wasm: onnxruntime's WebAssembly at /ort.wasm does not start (both failed); see that the file is there, then load the page again.",
    )
    create.mockRejectedValue(
      new Error(
        'no available backend found. ERR: [wasm] Error: WebAssembly SIMD is not supported in the current environment.',
      ),
    )
    await expect(openWebSession(load, MODEL)).rejects.toThrow(
      'has no SIMD, which onnxruntime needs; use a newer browser',
    )
    create.mockRejectedValue(new Error("Can't create a session."))
    await expect(openWebSession(load, MODEL)).rejects.toThrow(/wasm: Can't create a session\.$/)
  })

  it('falls back with the reason, before anything is loaded for WebGPU', async () => {
    const { load, loaded } = fakeRuntime()
    vi.stubGlobal('navigator', {})
    const made = await openWebSession(load, MODEL, { executionProviders: ['webgpu', 'wasm'] })
    expect([made.provider, loaded]).toEqual(['wasm', ['wasm']])
    expect(made.notes).toEqual(['webgpu: this browser has no WebGPU, or the page is not served over https.'])
    gpu(null)
    expect((await openWebSession(load, MODEL, { executionProviders: ['webgpu', 'wasm'] })).notes[0]).toContain(
      'no GPU adapter',
    )
  })

  it('names every provider when none works', async () => {
    gpu({})
    const { load } = fakeRuntime({ fail: 'wasm' })
    await expect(openWebSession(load, MODEL)).rejects.toThrow(/of 3 bytes\. wasm: .*no such file.*npm install/)
  })

  it('runs one thread where more cannot be, and says so', async () => {
    const { load, env } = fakeRuntime()
    const made = await openWebSession(load, MODEL, { threads: 4 })
    expect(made.notes[0]).toContain('not cross-origin isolated')
    expect(env.wasm['numThreads']).toBe(1)
    vi.stubGlobal('crossOriginIsolated', true)
    const late = await openWebSession(load, MODEL, { threads: 4 })
    expect(late.notes).toEqual(['onnxruntime runs with 1 thread, as the first session of this page chose.'])
    const other = fakeRuntime()
    expect((await openWebSession(other.load, MODEL, { threads: 4 })).notes).toEqual([])
    expect(other.env.wasm['numThreads']).toBe(4)
  })

  it('refuses what it does not know', async () => {
    const { load } = fakeRuntime()
    await expect(openWebSession(load, new Uint8Array(0))).rejects.toThrow('the bytes of an ONNX file')
    await expect(openWebSession(load, MODEL, { executionProviders: [] })).rejects.toThrow('one or more of webgpu, wasm')
    await expect(openWebSession(load, MODEL, { threads: 0 })).rejects.toThrow('an integer in [1, 64]')
  })

  it('tells a lost GPU, even to a run that would hang', async () => {
    gpu({})
    const { load, lose } = fakeRuntime({ run: () => new Promise<never>(() => {}) })
    const made = await openWebSession(load, MODEL, { executionProviders: ['webgpu'] })
    const running = made.run(FEED)
    lose({ message: 'driver reset' })
    await expect(running).rejects.toThrow(DeviceLostError)
    await expect(made.run(FEED)).rejects.toThrow('driver reset')
    await made.dispose()
  })

  it('does not open on a GPU that is lost', async () => {
    gpu({})
    const { load, lose, session } = fakeRuntime()
    lose({ message: 'driver reset' })
    const made = await openWebSession(load, MODEL, { executionProviders: ['webgpu', 'wasm'] })
    expect([made.provider, made.notes[0]]).toEqual(['wasm', expect.stringContaining('the GPU was lost; dispose all')])
    expect(session.release).toHaveBeenCalledOnce()
    const failure = await openWebSession(load, MODEL, { executionProviders: ['webgpu'] }).catch((error) => error)
    expect(failure.cause).toBeInstanceOf(DeviceLostError)
  })

  it('can bring the runtime up beforehand, and leaves complaints to the session', async () => {
    const { load, env, session } = fakeRuntime()
    await prepareRuntime(load, { wasm: '/ort.wasm' })
    expect([env.wasm['wasmPaths'], session.release.mock.calls.length]).toEqual([{ wasm: '/ort.wasm' }, 1])
    await expect(prepareRuntime(fakeRuntime({ fail: 'wasm' }).load)).resolves.toBeUndefined()
    session.release.mockRejectedValueOnce(new Error('no'))
    await expect(prepareRuntime(load)).resolves.toBeUndefined()
  })

  it.each(['webgpu', 'wasm'] as const)('opens and runs one session of a runtime at a time (%s)', async (provider) => {
    gpu({})
    let [busy, most] = [0, 0]
    const work = async () => {
      most = Math.max(most, ++busy)
      await new Promise((resolve) => setTimeout(resolve, 5))
      busy--
    }
    const { load, create, session } = fakeRuntime({
      run: async () => {
        await work()
        return {}
      },
    })
    create.mockImplementation(async () => {
      await work()
      return session
    })
    const open = () => openWebSession(load, MODEL, { executionProviders: [provider] })
    const [a, b] = await Promise.all([open(), open()])
    await Promise.all([a.run(FEED), b.run(FEED), a.run(FEED)])
    expect(most).toBe(1)
  })
})
