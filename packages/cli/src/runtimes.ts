import type { NodeRuntime, NodeSession } from '@3ddfa/inference/node'

/** What runs networks, fastest first. */
export const RUNTIMES: readonly NodeRuntime[] = ['onnxruntime-node', 'onnxruntime-web']

/** y = -x of one number, as an ONNX file. */
const NEGATE = 'CAg6NQoLCgF4EgF5IgNOZWcSBHRpbnlaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgIQEQ=='

/** A runtime that has run a network here. */
export type WorkingRuntime = Pick<NodeSession, 'runtime' | 'runtimeVersion' | 'notes'>

/**
 * Runs a network with that runtime, or with the one that works here.
 * @returns which one, and what is to be said of it.
 * @throws {Error} when it does not work here.
 */
export async function tryRuntime(runtime?: NodeRuntime): Promise<WorkingRuntime> {
  const { createNodeSession } = await import('@3ddfa/inference/node')
  const session = await createNodeSession(Buffer.from(NEGATE, 'base64'), { runtime })
  const { y } = await session.run({ x: { type: 'float32', data: Float32Array.of(2), dims: [1] } })
  await session.dispose()
  if (y?.data[0] !== -2) throw new Error(`it computes -2 as ${y?.data[0]}`)
  return session
}
