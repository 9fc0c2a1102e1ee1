import { isArrayBuffer } from '@3ddfa/core'
import { loadRuntime } from './load-runtime.ts'
import { type NodeSession, type NodeSessionOptions, openNodeSession } from './node-session.ts'
import { readWasm } from './wasm-in-node.ts'

export { RuntimeMissingError } from './load-runtime.ts'
export { NetworkLoadError } from './network-load-error.ts'
export { NODE_SESSION_DEFAULTS, type NodeRuntime } from './node-session.ts'
export { simplifyNetwork } from './simplify-network.ts'
export type { NodeSession, NodeSessionOptions }

/**
 * Loads an ONNX network with onnxruntime-node, which this function imports on its first call. Where that has no binary for the platform
 * (musl, Intel Macs) and onnxruntime-web is installed, its WebAssembly takes its place on one thread: the same numbers, four to nine times slower
 * (`runtime` asks for one of them). Prints nothing.
 *
 * A run blocks the thread that it is called on: both compute synchronously.
 * @param model path of an `.onnx` file, or its bytes (not kept).
 * @throws {InvalidInputError} when there is no such file or an option is out of range.
 * @throws {RuntimeMissingError} when no runtime can be loaded here (that of `runtime`; onnxruntime-node, where `executionProviders` asks
 * for more than the CPU).
 * @throws {NetworkLoadError} when it cannot read the network, or an execution provider does not work here.
 */
export function createNodeSession(
  model: string | Uint8Array | ArrayBuffer,
  options?: NodeSessionOptions,
): Promise<NodeSession> {
  const network = isArrayBuffer(model) ? new Uint8Array(model) : model
  return openNodeSession({ native: loadRuntime, wasm: readWasm }, network, options)
}
