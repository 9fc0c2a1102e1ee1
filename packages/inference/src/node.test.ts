import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DisposedError, InvalidInputError, type Session, type Tensor } from '@3ddfa/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadRuntime } from './load-runtime.ts'
import { createNodeSession, NetworkLoadError, RuntimeMissingError } from './node.ts'
import { openNodeSession } from './node-session.ts'
import { type TinyValue, tinyNetwork } from './testing.ts'
import { readWasm } from './wasm-in-node.ts'

const picture: TinyValue = { name: 'image', type: 'uint8', dims: [1, 'h', 'w', 3] }
const toFloat = tinyNetwork('Cast', [picture], { ...picture, name: 'pixels', type: 'float32' }, { to: 1 })

const image = (h: number, w: number, fill: number): { image: Tensor } => ({
  image: { type: 'uint8', data: new Uint8Array(h * w * 3).fill(fill), dims: [1, h, w, 3] },
})

describe('createNodeSession', () => {
  let session: Session
  beforeAll(async () => {
    session = await createNodeSession(toFloat, { threads: 1 })
  })
  afterAll(() => session.dispose())

  it('tells names, types and dims, -1 where a dimension varies', () => {
    expect(session.inputs).toEqual([{ name: 'image', type: 'uint8', dims: [1, -1, -1, 3] }])
    expect(session.outputs).toEqual([{ name: 'pixels', type: 'float32', dims: [1, -1, -1, 3] }])
  })

  it('computes, at any size', async () => {
    const { pixels } = await session.run(image(2, 3, 200))
    expect(pixels).toEqual({ type: 'float32', data: new Float32Array(18).fill(200), dims: [1, 2, 3, 3] })
    expect((await session.run(image(5, 1, 7))).pixels!.dims).toEqual([1, 5, 1, 3])
  })

  it('reads clamped bytes and a view into a larger buffer', async () => {
    const data = new Uint8ClampedArray(40).fill(9, 4, 22).subarray(4, 22)
    const { pixels } = await session.run({ image: { type: 'uint8', data, dims: [1, 2, 3, 3] } })
    expect(pixels!.data).toEqual(new Float32Array(18).fill(9))
  })

  it('reads memory that threads share', async () => {
    const data = new Uint8Array(new SharedArrayBuffer(20), 2).fill(7)
    const { pixels } = await session.run({ image: { type: 'uint8', data, dims: [1, 2, 3, 3] } })
    expect(pixels!.data).toEqual(new Float32Array(18).fill(7))
  })

  it('gives results that later runs leave alone, and leaves the feeds alone', async () => {
    const feeds = image(2, 2, 1)
    const first = await session.run(feeds)
    const [second, third] = await Promise.all([session.run(image(2, 2, 2)), session.run(image(2, 2, 3))])
    expect([first, second, third].map((result) => result!.pixels!.data[0])).toEqual([1, 2, 3])
    expect(first.pixels!.data.buffer).not.toBe(second!.pixels!.data.buffer)
    expect(feeds).toEqual(image(2, 2, 1))
  })

  it('refuses bad feeds in one sentence', async () => {
    await expect(session.run({ img: image(1, 1, 1).image })).rejects.toThrow(InvalidInputError)
    await expect(session.run({ image: { ...image(2, 2, 0).image, dims: [1, 4, 3] } })).rejects.toThrow(
      'Expected [1, ?, ?, 3] for the dims of feed "image" but received "[1, 4, 3]".',
    )
  })

  it('keeps its memory bounded over thousands of runs', async () => {
    const feeds = image(100, 100, 1)
    for (let i = 0; i < 500; i++) await session.run(feeds)
    const before = process.memoryUsage.rss()
    for (let i = 0; i < 4000; i++) await session.run(feeds)
    // Each run moves 150 kB: keeping them all would take 600 MB; the collector's slack stays below 150.
    expect(process.memoryUsage.rss() - before).toBeLessThan(150e6)
  })

  it('runs with every type of the contract', async () => {
    for (const [type, data] of [
      ['float32', Float32Array.of(1, 2)],
      ['uint8', Uint8Array.of(1, 2)],
      ['int32', Int32Array.of(1, 2)],
      ['int64', BigInt64Array.of(1n, -(2n ** 60n))],
    ] as const) {
      const network = tinyNetwork('Identity', [{ name: 'x', type, dims: [2] }], { name: 'y', type, dims: [2] })
      const identity = await createNodeSession(network)
      expect((await identity.run({ x: { type, data, dims: [2] } })).y).toEqual({ type, data, dims: [2] })
      await identity.dispose()
    }
  })
})

describe('createNodeSession, life and errors', () => {
  it('disposes after the queue, twice without harm, and refuses later runs', async () => {
    const session = await createNodeSession(toFloat)
    const running = session.run(image(4, 4, 5))
    await Promise.all([session.dispose(), session.dispose()])
    expect((await running).pixels!.data[0]).toBe(5)
    await expect(session.run(image(4, 4, 5))).rejects.toThrow(DisposedError)
  })

  it('loads from an ArrayBuffer, as `createWebSession` does', async () => {
    const session = await createNodeSession(Uint8Array.from(toFloat).buffer)
    expect(session.inputs[0]!.name).toBe('image')
    await session.dispose()
  })

  it('loads from a path with spaces and letters beyond ASCII', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'сеть ü '))
    try {
      const path = join(folder, 'tiny net.onnx')
      await writeFile(path, toFloat)
      const session = await createNodeSession(path)
      expect(session.inputs[0]!.name).toBe('image')
      await session.dispose()
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('says in one sentence what is wrong with a network or an option', async () => {
    await expect(createNodeSession('nowhere.onnx')).rejects.toThrow(
      'Expected the path of an existing ONNX file for model but received "nowhere.onnx".',
    )
    await expect(createNodeSession(new Uint8Array())).rejects.toThrow(InvalidInputError)
    const damaged = createNodeSession(Uint8Array.of(1, 2, 3))
    await expect(damaged).rejects.toThrow(/^Could not load the network of 3 bytes: /)
    await expect(damaged).rejects.toThrow(NetworkLoadError)
    await expect(createNodeSession(toFloat, { threads: 0 })).rejects.toThrow(
      'Expected an integer in [1, 256] for threads but received 0.',
    )
    for (const [options, sentence] of [
      [null, 'Expected an object, or nothing, for options but received null.'],
      [{ executionProviders: 'cpu' }, 'Expected a list of names for executionProviders but received "cpu".'],
      [{ graphCache: 5 }, 'Expected the path of a folder for graphCache but received 5.'],
    ] as const)
      await expect(createNodeSession(toFloat, options as never)).rejects.toThrow(new InvalidInputError(sentence))
    const doubles: TinyValue = { name: 'x', type: 'float64', dims: [1] }
    const network = tinyNetwork('Identity', [doubles], { ...doubles, name: 'y' })
    await expect(createNodeSession(network)).rejects.toThrow(`the network's input "x" but received "float64"`)
  })

  it('prints nothing, not even when a network cannot be read or a run fails', async () => {
    const add = tinyNetwork(
      'Add',
      [
        { name: 'a', type: 'float32', dims: ['n'] },
        { name: 'b', type: 'float32', dims: ['m'] },
      ],
      { name: 'c', type: 'float32', dims: ['n'] },
    )
    const script = `
      import { createNodeSession } from './packages/inference/src/node.ts'
      const session = await createNodeSession(Uint8Array.from([${add}]))
      const tensor = (n) => ({ type: 'float32', data: new Float32Array(n), dims: [n] })
      const failed = (promise) => promise.then(() => false, () => true)
      const runFailed = await failed(session.run({ a: tensor(2), b: tensor(3) }))
      const loadFailed = await failed(createNodeSession(Uint8Array.of(1)))
      await session.dispose()
      process.exitCode = runFailed && loadFailed ? 0 : 1`
    // A process of its own: onnxruntime writes past Node's streams.
    const root = fileURLToPath(new URL('../../..', import.meta.url))
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    expect(await promisify(execFile)(process.execPath, args, { cwd: root })).toEqual({ stdout: '', stderr: '' })
  })
})

describe('where onnxruntime-node has no binary', () => {
  const missing = () =>
    loadRuntime(() =>
      Promise.reject(new Error("Cannot find module '../bin/napi-v6/sunos/x64/onnxruntime_binding.node'")),
    )
  const open = (options = {}, wasm = readWasm) => openNodeSession({ native: missing, wasm }, toFloat, options)

  it('the WebAssembly of onnxruntime-web takes its place, and says so', async () => {
    const session = await open()
    expect(session.runtime).toBe('onnxruntime-web')
    expect(session.notes).toEqual([
      expect.stringMatching(
        /^Could not load onnxruntime-node .* The WebAssembly of onnxruntime-web takes its place: .*\.$/,
      ),
    ])
    expect(await session.run(image(2, 3, 200))).toEqual({
      pixels: { type: 'float32', data: new Float32Array(18).fill(200), dims: [1, 2, 3, 3] },
    })
    await session.dispose()
    const own = await createNodeSession(toFloat)
    expect([own.runtime, own.notes]).toEqual(['onnxruntime-node', []])
    expect(own.runtimeVersion).toMatch(/^\d+\.\d+\.\d+/)
    await own.dispose()
  })

  it('says what to install where that is not there either', async () => {
    await expect(open({}, async () => undefined)).rejects.toThrow(
      /no binary for this platform.* whose WebAssembly runs everywhere: npm install onnxruntime-web$/,
    )
  })

  it('does not put another in the place of what was asked for', async () => {
    await expect(open({ executionProviders: ['cuda'] })).rejects.toThrow('Could not load onnxruntime-node')
    await expect(open({ runtime: 'onnxruntime-node' })).rejects.toThrow('Could not load onnxruntime-node')
  })
})

describe('onnxruntime-web, asked for', () => {
  const runtime = 'onnxruntime-web'

  it('runs several networks at the same time, each as it would alone', async () => {
    const open = (name: string) =>
      createNodeSession(fileURLToPath(new URL(`../../../models/open/${name}.onnx`, import.meta.url)), { runtime })
    const [regressor, first, second] = await Promise.all(['regressor', 'detector', 'detector'].map(open))
    const [crop, picture] = [image(120, 120, 90), image(320, 320, 90)]
    const alone = await regressor!.run(crop)
    for (let i = 0; i < 5; i++) {
      const [params] = await Promise.all([regressor!.run(crop), first!.run(picture), second!.run(picture)])
      expect(params).toEqual(alone)
    }
    await Promise.all([regressor, first, second].map((session) => session!.dispose()))
  })

  it('says that it has one thread', async () => {
    const session = await createNodeSession(toFloat, { runtime, threads: 2 })
    expect(session.notes).toEqual(['onnxruntime-web runs on one thread in Node.'])
    await session.dispose()
  })

  it('computes the same, with nothing to be noted', async () => {
    const session = await createNodeSession(toFloat, { runtime })
    expect([session.runtime, session.notes]).toEqual([runtime, []])
    expect(session.runtimeVersion).toMatch(/^\d+\.\d+\.\d+/)
    expect((await session.run(image(2, 3, 200))).pixels!.data).toEqual(new Float32Array(18).fill(200))
    await session.dispose()
  })

  it('says what is wrong with a network or an option, and what to install', async () => {
    await expect(createNodeSession(Uint8Array.of(1, 2, 3), { runtime })).rejects.toThrow(/^Could not load the network/)
    await expect(createNodeSession(toFloat, { runtime, executionProviders: ['cuda'] })).rejects.toThrow(
      "Expected ['cpu'] (onnxruntime-web in Node has no other) for executionProviders",
    )
    await expect(createNodeSession(toFloat, { runtime: 'tflite' as 'onnxruntime-web' })).rejects.toThrow(
      'Expected onnxruntime-node or onnxruntime-web for runtime but received "tflite".',
    )
    const nothing = { native: loadRuntime, wasm: async () => undefined }
    const missing = openNodeSession(nothing, toFloat, { runtime })
    await expect(missing).rejects.toThrow(
      'onnxruntime-web is not installed here. Install it: npm install onnxruntime-web',
    )
    await expect(missing).rejects.toThrow(RuntimeMissingError)
  })
})
