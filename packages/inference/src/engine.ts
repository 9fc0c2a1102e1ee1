import type { Tensor, TensorInfo } from '@3ddfa/core'

/**
 * The part of a runtime that differs between platforms. `QueuedSession` brings everything else, so an engine may assume
 * checked feeds, one run at a time, one release, and nothing after it.
 */
export interface Engine {
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  /** Feeds are borrowed until the promise settles; the results share no memory with the runtime. */
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>
  release(): Promise<void>
}
