import { expect } from './errors.ts'

/** A dense array. `data` is row-major; `dims` multiply to `data.length`. */
export interface Tensor {
  readonly type: 'float32' | 'uint8' | 'int32' | 'int64'
  readonly data: Float32Array | Uint8Array | Uint8ClampedArray | Int32Array | BigInt64Array
  readonly dims: readonly number[]
}

/** What a session takes or gives: a dimension that may vary is -1. */
export interface TensorInfo {
  readonly name: string
  readonly type: Tensor['type']
  readonly dims: readonly number[]
}

/**
 * A loaded network. Implementations queue concurrent runs; `dispose` is idempotent and waits for the queue; `run` after it
 * rejects with `DisposedError`. Feeds are borrowed until the promise settles; results belong to the caller.
 */
export interface Session {
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>
  dispose(): Promise<void>
}

/** @throws {InvalidInputError} unless it is a session, rather than none or the promise of one. */
export function checkSession(session: Session): void {
  const fits = Array.isArray(session?.inputs) && Array.isArray(session.outputs)
  expect(fits, 'session', 'a session, as `await createNodeSession` or `createWebSession` gives it,', session)
}
