import type { Tensor } from '@3ddfa/core'
import type { Engine } from './engine.ts'

/** The GPU went away (driver reset, sleep). Dispose all WebGPU sessions and open new ones, perhaps with `executionProviders: ['wasm']`. */
export class DeviceLostError extends Error {
  override name = 'DeviceLostError'
}

/** As much of a GPUDevice as is needed to hear of its loss. */
export interface WebGpuDevice {
  readonly lost: Promise<{ readonly message: string }>
}

/** Turns what a lost GPU leads to into one kind of error. */
export class GpuEngine implements Engine {
  readonly inputs: Engine['inputs']
  readonly outputs: Engine['outputs']
  /** Until its release: the promise of the device's loss keeps this object as long as the device lives. */
  #engine: Engine | undefined
  #lost: DeviceLostError | undefined
  /** Ends the run that goes on: a lost device may leave it hanging for ever. */
  #abort: ((reason: DeviceLostError) => void) | undefined

  constructor(engine: Engine, device: WebGpuDevice | undefined) {
    this.#engine = engine
    this.inputs = engine.inputs
    this.outputs = engine.outputs
    void device?.lost.then(({ message }) => {
      this.#lost = new DeviceLostError(
        `The GPU was lost (${message || 'no reason given'}); dispose all WebGPU sessions and open new ones.`,
      )
      this.#abort?.(this.#lost)
    })
  }

  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    if (this.#lost) return Promise.reject(this.#lost)
    return new Promise((resolve, reject) => {
      // One callback that is replaced, not a race: racing with a promise that never settles keeps every run's results.
      this.#abort = reject
      this.#engine!.run(feeds).then(resolve, reject)
    })
  }

  async release(): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    this.#abort = undefined
    // Nothing of a lost device can be given back.
    await engine?.release().catch((error: unknown) => {
      if (!this.#lost) throw error
    })
  }
}
