import { expect, InvalidInputError, isArrayOf, type Tensor, type TensorInfo } from '@3ddfa/core'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Engine } from './engine.ts'
import { runtimeReason } from './runtime-reason.ts'

/** What every onnxruntime for JavaScript exports (they share onnxruntime-common). */
export type OrtModule = Pick<typeof import('onnxruntime-node'), 'InferenceSession' | 'Tensor' | 'env'>

const TYPES: readonly string[] = ['float32', 'uint8', 'int32', 'int64'] satisfies Tensor['type'][]

/** Loads a network into an onnxruntime. */
export async function openOrtEngine(
  ort: OrtModule,
  model: string | Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<Engine> {
  // Two overloads of one signature each: the union needs a branch.
  const session = await (typeof model === 'string'
    ? ort.InferenceSession.create(model, options)
    : ort.InferenceSession.create(model, options))
  try {
    return new OrtEngine(ort, session)
  } catch (error) {
    await session.release()
    throw error
  }
}

class OrtEngine implements Engine {
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  readonly #ort: OrtModule
  readonly #session: InferenceSession

  constructor(ort: OrtModule, session: InferenceSession) {
    this.#ort = ort
    this.#session = session
    this.inputs = session.inputMetadata.map((value) => tensorInfo(value, 'input'))
    this.outputs = session.outputMetadata.map((value) => tensorInfo(value, 'output'))
  }

  async run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    const given: Record<string, OrtTensor> = {}
    for (const [name, tensor] of Object.entries(feeds)) given[name] = this.#borrow(tensor)
    try {
      return await own(await this.#session.run(given).catch(explainRun))
    } finally {
      for (const tensor of Object.values(given)) tensor.dispose()
    }
  }

  release(): Promise<void> {
    return this.#session.release()
  }

  #borrow({ type, data, dims }: Tensor): OrtTensor {
    return new this.#ort.Tensor(type, plainView(data) as never, dims) as OrtTensor
  }
}

function explainRun(error: unknown): never {
  throw new Error(`The network could not be run: ${runtimeReason(error)}`, { cause: error })
}

/** As onnxruntime takes it: it copies clamped arrays element by element, and refuses memory that threads share. */
function plainView(data: Tensor['data']): Tensor['data'] {
  const view = isArrayOf(data, 'Uint8ClampedArray') ? new Uint8Array(data.buffer, data.byteOffset, data.length) : data
  const isShared = typeof SharedArrayBuffer !== 'undefined' && view.buffer instanceof SharedArrayBuffer
  return isShared ? view.slice() : view
}

/** Takes the data out of the runtime's tensors (downloading it where it lies on a GPU) and lets go of them. */
async function own(results: InferenceSession.OnnxValueMapType): Promise<Record<string, Tensor>> {
  const owned: Record<string, Tensor> = {}
  for (const [name, value] of Object.entries(results)) {
    const data = await value.getData(true)
    owned[name] = { type: value.type as Tensor['type'], data: data as Tensor['data'], dims: value.dims }
    value.dispose()
  }
  return owned
}

function tensorInfo(value: InferenceSession.ValueMetadata, kind: string): TensorInfo {
  const name = `the network's ${kind} "${value.name}"`
  if (!value.isTensor) throw new InvalidInputError(`Expected a tensor for ${name} but received a sequence or map.`)
  expect(TYPES.includes(value.type), name, TYPES.join(', '), value.type)
  const dims = value.shape.map((dim) => (typeof dim === 'number' ? dim : -1))
  return { name: value.name, type: value.type as Tensor['type'], dims }
}
