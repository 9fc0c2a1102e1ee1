import { DisposedError, type Session, type Tensor, type TensorInfo } from '@3ddfa/core'
import type { Engine } from './engine.ts'
import { checkFeeds } from './feeds.ts'

const nothing = (): void => {}

/** An engine's runs, one after the other, and its release after them. Knows no session, so that it outlives the one that it is of. */
class Queue {
  readonly #engine: Engine
  #tail: Promise<unknown> = Promise.resolve()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    const result = this.#tail.then(() => this.#engine.run(feeds))
    // The next run waits for this one but neither for its success nor with its outputs.
    this.#tail = result.then(nothing, nothing)
    return result
  }

  release(): Promise<void> {
    return this.#tail.then(() => this.#engine.release())
  }
}

/** Of sessions that nobody holds any more and nobody disposed: no collector frees what lies in a WebAssembly or on a GPU. */
const forgotten = new FinalizationRegistry<Queue>((queue) => void queue.release().catch(nothing))

/** A session over any engine: checks the feeds, runs one call after the other in the order they came, disposes last. */
export class QueuedSession implements Session {
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  readonly #queue: Queue
  #disposal: Promise<void> | undefined

  constructor(engine: Engine) {
    this.#queue = new Queue(engine)
    this.inputs = engine.inputs
    this.outputs = engine.outputs
    forgotten.register(this, this.#queue, this)
  }

  async run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    if (this.#disposal) throw new DisposedError('The session was disposed; create a new one to run the network again.')
    checkFeeds(this.inputs, feeds)
    return this.#queue.run(feeds)
  }

  dispose(): Promise<void> {
    forgotten.unregister(this)
    this.#disposal ??= this.#queue.release()
    return this.#disposal
  }
}
