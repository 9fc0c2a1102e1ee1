import { runOnCrops } from './crop-batches.ts'
import { expect } from './errors.ts'
import type { ImageView } from './image.ts'
import { checkSession, type Session } from './session.ts'

/** Side of the largest crops, pixels: a stranger's network could ask for all memory. */
const MAX_INPUT_SIZE = 1024

/** From face crops to 3DMM parameters. */
export interface ParamRegressor {
  readonly id: string
  /** Side of the square crops it takes, pixels. */
  readonly inputSize: number
  /** Parameters a crop, where that is known before the first run. */
  readonly paramCount?: number
  /** De-normalised parameters (62 for the published networks), one array a crop, in order. Crops are RGB. */
  regress(crops: readonly ImageView[]): Promise<Float32Array[]>
  dispose(): Promise<void>
}

/**
 * A regressor over a network as `@3ddfa/models` writes it: input `image` uint8 [N, size, size, 3] RGB, output `params`
 * float32 [N, p], de-normalised. The regressor owns the session and disposes it.
 */
export class SessionParamRegressor implements ParamRegressor {
  readonly id: string
  readonly inputSize: number
  readonly paramCount?: number
  readonly #session: Session

  constructor(session: Session, id: string) {
    checkSession(session)
    const input = session.inputs.find((i) => i.name === 'image')
    expect(
      input !== undefined && input.type === 'uint8' && input.dims.length === 4 && session.inputs.length === 1,
      'the network',
      'an input `image` uint8 [N, size, size, 3] and no other',
      session.inputs.map((i) => i.name).join(),
    )
    const output = session.outputs.find((o) => o.name === 'params')
    expect(output !== undefined, 'the network', 'an output `params`', session.outputs.map((o) => o.name).join())
    const [, height, width] = input.dims
    expect(
      height! > 0 && height! <= MAX_INPUT_SIZE && height === width,
      'the network',
      `an input \`image\` whose height and width are one fixed number of at most ${MAX_INPUT_SIZE}`,
      `[${input.dims.join(', ')}]`,
    )
    this.#session = session
    this.id = id
    this.inputSize = height!
    const count = output.dims.at(-1)!
    if (count > 0) this.paramCount = count
  }

  async regress(crops: readonly ImageView[]): Promise<Float32Array[]> {
    const size = this.inputSize
    for (const crop of crops)
      expect(
        crop.width === size && crop.height === size && crop.channels === 3,
        'crop',
        `${size} x ${size} RGB`,
        `${crop.width} x ${crop.height} x ${crop.channels}`,
      )
    return runOnCrops(this.#session, crops, 'params')
  }

  dispose(): Promise<void> {
    return this.#session.dispose()
  }
}
