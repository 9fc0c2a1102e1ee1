import { DisposedError, type Session, type Tensor, type TensorInfo } from '@3ddfa/core'
import type { Engine } from './engine.ts'
import { checkFeeds } from './feeds.ts'

const nothing = (): void => {}

/** A session over any engine: checks the feeds, runs one call after the other in the order they came, disposes last. */
export class QueuedSession implements Session {
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  readonly #engine: Engine
  #tail: Promise<unknown> = Promise.resolve()
  #disposal: Promise<void> | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    this.inputs = engine.inputs
    this.outputs = engine.outputs
  }

  async run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    if (this.#disposal) throw new DisposedError('The session was disposed; create a new one to run the network again.')
    checkFeeds(this.inputs, feeds)
    const result = this.#tail.then(() => this.#engine.run(feeds))
    // The next run waits for this one but neither for its success nor with its outputs.
    this.#tail = result.then(nothing, nothing)
    return result
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#tail.then(() => this.#engine.release())
    return this.#disposal
  }
}
