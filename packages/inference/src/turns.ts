import type { Tensor } from '@3ddfa/core'
import type { Engine } from './engine.ts'

const last = new WeakMap<object, Promise<unknown>>()

const nothing = (): void => {}

/**
 * Does a job when all earlier ones for the same owner are done, whether or not they succeeded. Sessions of one onnxruntime-web share one
 * stack, which a run may leave for a while: what others push on it meanwhile is lost (`TypeError: Cannot read properties of null`). Those of
 * its WebGPU build share a device as well: of two that are opened at once one is refused.
 */
export function takeTurn<T>(owner: object, job: () => Promise<T>): Promise<T> {
  const turn = (last.get(owner) ?? Promise.resolve()).then(job)
  last.set(
    owner,
    // What the turn gave is its owner's alone.
    turn.then(nothing, nothing),
  )
  return turn
}

/** Takes turns with the other engines of its runtime. */
export class TurnEngine implements Engine {
  readonly inputs: Engine['inputs']
  readonly outputs: Engine['outputs']
  readonly #engine: Engine
  readonly #runtime: object

  constructor(engine: Engine, runtime: object) {
    this.#engine = engine
    this.#runtime = runtime
    this.inputs = engine.inputs
    this.outputs = engine.outputs
  }

  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    return takeTurn(this.#runtime, () => this.#engine.run(feeds))
  }

  release(): Promise<void> {
    return takeTurn(this.#runtime, () => this.#engine.release())
  }
}
