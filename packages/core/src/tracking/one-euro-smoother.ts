import type { MorphableModel } from '../model.ts'
import { type FaceUnits, faceUnits } from './face-units.ts'
import { type OneEuroOptions, OneEuroRotation, OneEuroVector } from './one-euro.ts'
import { fromPicture, type PictureState, toPicture } from './picture-state.ts'
import type { FaceDecoder, Smoother } from './smoother.ts'
import type { TrackedFace, TrackedFrame } from './tracked-frame.ts'

/** One filter for each group of parameters. */
export type OneEuroSettings = Readonly<
  Record<'position' | 'rotation' | 'scale' | 'shape' | 'expression', OneEuroOptions>
>

/**
 * Cutoffs in hertz; speeds in face sizes a second (position, size, shape, expression) or radians a second (rotation).
 */
export const ONE_EURO_DEFAULTS: OneEuroSettings = {
  position: { minCutoff: 0.5, beta: 25, speedCutoff: 1.5 },
  rotation: { minCutoff: 0.5, beta: 12, speedCutoff: 1.5 },
  scale: { minCutoff: 0.5, beta: 25, speedCutoff: 1 },
  shape: { minCutoff: 0.3, beta: 10, speedCutoff: 1 },
  expression: { minCutoff: 1, beta: 60, speedCutoff: 3 },
}

/** A face that was hidden for longer starts afresh, seconds. */
const MAX_GAP = 0.25

/** `one-euro`: see `Smoothing`. */
export class OneEuroSmoother implements Smoother {
  readonly latency: number = 0
  readonly #decoder: FaceDecoder
  readonly #model: MorphableModel
  readonly #inputSize: number
  readonly #units: FaceUnits
  readonly #options: OneEuroSettings
  readonly #filters = new Map<number, { filter: StateFilter; time: number; index: number }>()

  constructor(
    decoder: FaceDecoder,
    model: MorphableModel,
    inputSize: number,
    options: OneEuroSettings = ONE_EURO_DEFAULTS,
  ) {
    this.#options = options
    this.#decoder = decoder
    this.#model = model
    this.#inputSize = inputSize
    this.#units = faceUnits(model)
  }

  next(frame: TrackedFrame): TrackedFrame {
    for (const id of frame.lost) this.#filters.delete(id)
    return { ...frame, faces: frame.faces.map((face) => this.#smooth(face, frame)) }
  }

  finish(): TrackedFrame[] {
    return []
  }

  #smooth(face: TrackedFace, { index, timestamp: time }: TrackedFrame): TrackedFace {
    const last = this.#filters.get(face.id)
    // Not the time alone: frames may come slowly.
    const isContinued = last && (index === last.index + 1 || time - last.time <= MAX_GAP)
    const filter = isContinued ? last.filter : new StateFilter(this.#units, this.#options)
    this.#filters.set(face.id, { filter, time, index })
    const at = { roi: face.roi, inputSize: this.#inputSize }
    const { anchor } = this.#units
    const state = filter.next(toPicture(this.#model, anchor, face.params, at), time - (last?.time ?? time))
    const params = fromPicture(state, anchor, at)
    const smooth = { ...face, params, ...this.#decoder.decode(params, face.roi) }
    const { dense } = this.#decoder
    return dense ? { ...smooth, vertices: dense.decode(smooth, dense.take()) } : smooth
  }
}

/** The filters of one face. */
class StateFilter {
  readonly #units: FaceUnits
  readonly #position: OneEuroVector
  readonly #rotation: OneEuroRotation
  readonly #scale: OneEuroVector
  readonly #stretch: OneEuroVector
  readonly #shape: OneEuroVector
  readonly #expression: OneEuroVector

  constructor(units: FaceUnits, options: OneEuroSettings) {
    this.#units = units
    this.#position = new OneEuroVector(options.position)
    this.#rotation = new OneEuroRotation(options.rotation)
    this.#scale = new OneEuroVector(options.scale)
    this.#stretch = new OneEuroVector(options.scale)
    this.#shape = new OneEuroVector(options.shape)
    this.#expression = new OneEuroVector(options.expression)
  }

  next(state: PictureState, dt: number): PictureState {
    const { size, sensitivity } = this.#units
    const shapes = state.shape.length
    return {
      position: this.#position.next(state.position, dt, Math.exp(state.logScale) * size),
      rotation: this.#rotation.next(state.rotation, dt),
      logScale: this.#scale.next(Float64Array.of(state.logScale), dt)[0]!,
      stretch: this.#stretch.next(state.stretch, dt),
      shape: weighted(this.#shape, state.shape, sensitivity.subarray(0, shapes), dt),
      expression: weighted(this.#expression, state.expression, sensitivity.subarray(shapes), dt),
    }
  }
}

/** Filters coefficients in face sizes that they move the landmarks by. A coefficient that moves none is left alone. */
function weighted(filter: OneEuroVector, values: Float64Array, weights: Float64Array, dt: number): Float64Array {
  const smooth = filter.next(
    values.map((v, i) => v * weights[i]!),
    dt,
  )
  return smooth.map((v, i) => (weights[i]! > 0 ? v / weights[i]! : values[i]!))
}
