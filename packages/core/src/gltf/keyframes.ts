import { type FaceParams, type MorphableModel, splitParams } from '../model.ts'
import { quaternionFromRotation } from '../pose.ts'
import type { Mat3 } from '../rotation.ts'
import type { FaceUnits } from '../tracking/face-units.ts'
import { toPicture } from '../tracking/picture-state.ts'
import type { TrackedFace } from '../tracking/tracked-frame.ts'
import type { PictureSize } from './picture.ts'

/** From the picture to glTF, and from the model's unit to the mesh's. */
export interface SceneFrame {
  readonly picture: PictureSize
  /** Side of the regressor's crops. */
  readonly inputSize: number
  /** Model units a mesh unit. */
  readonly units: FaceUnits
}

/** A list of numbers that grows. */
export class FloatList {
  #data = new Float32Array(64)
  #length = 0

  push(...values: readonly number[]): void {
    if (this.#length + values.length > this.#data.length) {
      const larger = new Float32Array(2 * this.#data.length + values.length)
      larger.set(this.#data)
      this.#data = larger
    }
    this.#data.set(values, this.#length)
    this.#length += values.length
  }

  get length(): number {
    return this.#length
  }

  /** A copy. */
  toArray(): Float32Array<ArrayBuffer> {
    return this.#data.slice(0, this.#length)
  }
}

const ORIGIN = new Float64Array(3)

/** Where a face is in one frame, and what it looks like. */
export interface Keyframe extends Pick<FaceParams, 'shape' | 'expression'> {
  /** x y z, scene units. */
  readonly translation: readonly [number, number, number]
  readonly rotation: Mat3
  /** Scene units a mesh unit. */
  readonly scale: number
}

/** @throws {InvalidInputError} when the parameters are not the model's, or their camera is no head's. */
export function keyframe({ params, roi }: TrackedFace, model: MorphableModel, frame: SceneFrame): Keyframe {
  const { picture, inputSize, units } = frame
  const unit = Math.max(picture.width, picture.height)
  // The model's own origin, which the mesh turns about; not the landmarks' middle.
  const { position, rotation, logScale } = toPicture(model, ORIGIN, params, { roi, inputSize })
  return {
    // Weak perspective knows no distance: all faces stand at the same one.
    translation: [(position[0]! - picture.width / 2) / unit, (picture.height / 2 - position[1]!) / unit, 0],
    rotation,
    scale: (Math.exp(logScale) * units.size) / unit,
    ...splitParams(model, params),
  }
}

/** The moving parts of one face: 44 bytes a frame, and 4 an expression. */
export class FaceKeyframes {
  /** Seconds. */
  readonly times: FloatList = new FloatList()
  /** x y z, scene units. */
  readonly translations: FloatList = new FloatList()
  /** Quaternions x y z w. */
  readonly rotations: FloatList = new FloatList()
  /** Scene units a mesh unit, three times the same. */
  readonly scales: FloatList = new FloatList()
  /** Expression coefficients. */
  readonly expressions: FloatList = new FloatList()
  /** When the face appears and disappears, by turns, beginning with the first appearance. */
  readonly switches: FloatList = new FloatList()
  readonly #shapeSum: Float64Array
  #quaternion: readonly number[] = [0, 0, 0, 1]

  constructor(shapeCount: number) {
    this.#shapeSum = new Float64Array(shapeCount)
  }

  get isVisible(): boolean {
    return this.switches.length % 2 === 1
  }

  /** Mean of the shape coefficients: a face has one shape, whatever each frame says of it. */
  get shape(): Float64Array {
    return this.#shapeSum.map((sum) => sum / this.times.length)
  }

  add(time: number, { translation, rotation, scale, shape, expression }: Keyframe): void {
    shape.forEach((value, k) => {
      this.#shapeSum[k]! += value
    })
    if (!this.isVisible) this.switches.push(time)
    this.times.push(time)
    this.translations.push(...translation)
    this.rotations.push(...this.#continued(quaternionFromRotation(rotation)))
    this.scales.push(scale, scale, scale)
    this.expressions.push(...expression)
  }

  hide(time: number): void {
    if (this.isVisible) this.switches.push(time)
  }

  /** q and -q are the same rotation; players that mix numbers need the nearer one. */
  #continued(q: readonly number[]): readonly number[] {
    const dot = q.reduce((sum, v, i) => sum + v * this.#quaternion[i]!, 0)
    this.#quaternion = dot < 0 ? q.map((v) => -v) : q
    return this.#quaternion
  }
}
