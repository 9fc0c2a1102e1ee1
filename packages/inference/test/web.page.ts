import type { Tensor } from '@3ddfa/core'
import { createWebSession, type WebSession, type WebSessionOptions } from '@3ddfa/inference/web'

/** Runs a network of the served folder on bytes that both sides can make. */
async function run(url: string, dims: number[], options: WebSessionOptions) {
  const model = new Uint8Array(await (await fetch(url)).arrayBuffer())
  const session = await createWebSession(model, options)
  const outputs = await session.run({ image: image(dims) })
  const { provider, notes } = session
  await session.dispose()
  return { provider, notes, outputs: Object.fromEntries(Object.entries(outputs).map(([k, v]) => [k, [...v.data]])) }
}

function image(dims: readonly number[]): Tensor {
  const data = Uint8Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => (i * 7919) >> 3)
  return { type: 'uint8', data, dims }
}

const gpu = { executionProviders: ['webgpu'] } as const

/** Opens and runs two networks on the GPU at the same time, then loses it. */
async function shareAndLose(url: string, dims: number[]) {
  const model = new Uint8Array(await (await fetch(url)).arrayBuffer())
  const open = () => createWebSession(model, gpu)
  const values = async (session: WebSession) => [...(await session.run({ image: image(dims) }))['params']!.data]
  const nameOf = (error: unknown) => (error as Error).name
  const sessions = await Promise.all([open(), open()])
  const together = await Promise.all(sessions.map(values))
  const ort = await import('onnxruntime-web/webgpu')
  const device = (await ort.env.webgpu.device) as unknown as { destroy(): void; lost: Promise<unknown> }
  device.destroy()
  await device.lost
  const later = await values(sessions[0]!).catch(nameOf)
  const meanwhile = await open().catch((error: Error) => nameOf(error.cause))
  for (const session of sessions) await session.dispose()
  const again = await open()
  return { together, later, meanwhile, again: await values(again) }
}

/** Runs the network again and again; the bytes of memory before and after. */
async function repeat(url: string, dims: number[], times: number) {
  const session: WebSession = await createWebSession(new Uint8Array(await (await fetch(url)).arrayBuffer()))
  for (let i = 0; i < 20; i++) await session.run({ image: image(dims) })
  const measure = () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize
  const before = measure()
  for (let i = 0; i < times; i++) await session.run({ image: image(dims) })
  await session.dispose()
  return { before, after: measure() }
}

if ('WorkerGlobalScope' in globalThis)
  globalThis.onmessage = async ({ data }) => {
    try {
      globalThis.postMessage({ result: await run(...(data as Parameters<typeof run>)) })
    } catch (error) {
      globalThis.postMessage({ error: String(error) })
    }
  }

function runInWorker(...args: Parameters<typeof run>): Promise<unknown> {
  const worker = new Worker(new URL(import.meta.url), { type: 'module' })
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.result))
    worker.onerror = (event) => reject(new Error(event.message))
    worker.postMessage(args)
  })
}

Object.assign(globalThis, {
  run,
  runInWorker,
  repeat,
  shareAndLose,
})
