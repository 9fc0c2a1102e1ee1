import type { DecodeFrame } from '../backend.ts'
import type { MorphableModel } from '../model.ts'
import { splitParams } from '../model.ts'
import { cameraBlock, type Mat3, multiply, nearestRotation, transpose } from '../rotation.ts'

/**
 * A face's parameters in the picture's frame. A regressor's parameters are relative to the crop of their own frame, which
 * moves; these are comparable from frame to frame. The camera's 3x3 block is taken apart as scale * rotation * stretch.
 */
export interface PictureState {
  /** Head to view: x right, y up, z towards the viewer. */
  readonly rotation: Mat3
  /** Natural logarithm of picture pixels a model unit. */
  readonly logScale: number
  /** x y z of the middle of the face's landmarks, picture pixels, y down. Turning the head does not move it. */
  readonly position: Float64Array
  /** [9] symmetric, near the identity: what of the regressed camera is no scaled rotation. */
  readonly stretch: Float64Array
  readonly shape: Float64Array
  readonly expression: Float64Array
}

/** @throws {InvalidInputError} when the camera is no matrix near a scaled rotation. */
export function toPicture(
  model: MorphableModel,
  anchor: Float64Array,
  params: Float32Array,
  { roi, inputSize }: DecodeFrame,
): PictureState {
  const { camera: c, shape, expression } = splitParams(model, params)
  const block = cameraBlock(c)
  const { rotation, scale } = nearestRotation(block)
  const zoom = (roi.x2 - roi.x1) / inputSize
  const at = (row: number): number => dot(block, row, anchor) + c[4 * row + 3]!
  return {
    rotation,
    logScale: Math.log(scale * zoom),
    position: Float64Array.of((at(0) - 1) * zoom + roi.x1, (inputSize - at(1)) * zoom + roi.y1, (at(2) - 1) * zoom),
    stretch: Float64Array.from(multiply(transpose(rotation), block), (v) => v / scale),
    shape: Float64Array.from(shape),
    expression: Float64Array.from(expression),
  }
}

/** The inverse of `toPicture`: parameters relative to the crop of `roi`. */
export function fromPicture(state: PictureState, anchor: Float64Array, { roi, inputSize }: DecodeFrame): Float32Array {
  const zoom = (roi.x2 - roi.x1) / inputSize
  const scale = Math.exp(state.logScale) / zoom
  const block = multiply(state.rotation, state.stretch as unknown as Mat3).map((v) => v * scale) as unknown as Mat3
  const [x, y, z] = state.position as unknown as [number, number, number]
  const target = [(x - roi.x1) / zoom + 1, inputSize - (y - roi.y1) / zoom, z / zoom + 1]
  const params = new Float32Array(12 + state.shape.length + state.expression.length)
  for (let row = 0; row < 3; row++) {
    for (let i = 0; i < 3; i++) params[4 * row + i] = block[3 * row + i]!
    params[4 * row + 3] = target[row]! - dot(block, row, anchor)
  }
  params.set(state.shape, 12)
  params.set(state.expression, 12 + state.shape.length)
  return params
}

function dot(m: Mat3, row: number, v: Float64Array): number {
  return m[3 * row]! * v[0]! + m[3 * row + 1]! * v[1]! + m[3 * row + 2]! * v[2]!
}
