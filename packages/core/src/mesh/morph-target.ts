import { checkFloats } from '../arrays.ts'
import type { DecodeFrame } from '../backend.ts'
import { expressionNames } from '../edit/expression.ts'
import { expect, expectObject } from '../errors.ts'
import { type MorphableModel, splitParams } from '../model.ts'
import { checkRoi } from '../roi.ts'

/** One way in which a mesh moves, and how far it has moved that way. */
export interface MorphTarget {
  readonly name: string
  readonly weight: number
  /** [3n] how a weight of 1 moves each vertex, pixels, y down as the vertices */
  readonly offsets: Float32Array
}

/**
 * A face's expressions as morph targets of its mesh in the picture, for `writeGlb`: the names are those of `expressionNames`, the
 * weights the coefficients. Each takes 12 bytes a vertex: 3.5 MB a face with the open model, 4.6 MB with the Basel one.
 * @throws {InvalidInputError} when the parameters are not of the model, or the frame has no region or size.
 */
export function expressionTargets(model: MorphableModel, params: Float32Array, frame: DecodeFrame): MorphTarget[] {
  expectObject(frame, 'frame', '{ roi, inputSize }')
  const { roi, inputSize } = frame
  checkRoi(roi, 'frame.roi')
  expect(inputSize > 0 && inputSize < Infinity, 'frame.inputSize', 'a positive number of pixels', inputSize)
  const { camera: c, expression } = splitParams(model, params)
  const sx = (roi.x2 - roi.x1) / inputSize
  const sy = (roi.y2 - roi.y1) / inputSize
  const sz = (sx + sy) / 2
  const size = 3 * model.vertexCount
  return expressionNames(model).map((name, k) => {
    const component = model.basis.subarray((model.shapeCount + k) * size, (model.shapeCount + k + 1) * size)
    const offsets = new Float32Array(size)
    for (let i = 0; i < size; i += 3) {
      const [x, y, z] = [component[i]!, component[i + 1]!, component[i + 2]!]
      offsets[i] = (c[0]! * x + c[1]! * y + c[2]! * z) * sx
      offsets[i + 1] = -(c[4]! * x + c[5]! * y + c[6]! * z) * sy
      offsets[i + 2] = (c[8]! * x + c[9]! * y + c[10]! * z) * sz
    }
    return { name, weight: expression[k]!, offsets }
  })
}

/** [3n] the vertices with every weight at 0. @throws {InvalidInputError} on offsets of another length or a weight that is not finite. */
export function withoutTargets(vertices: Float32Array, targets: readonly MorphTarget[]): Float32Array {
  const out = Float64Array.from(vertices)
  for (const { name, weight, offsets } of targets) {
    checkFloats(offsets, vertices.length, `offsets of ${name}`)
    expect(Number.isFinite(weight), `weight of ${name}`, 'a finite number', weight)
    for (let i = 0; i < out.length; i++) out[i]! -= weight * offsets[i]!
  }
  return Float32Array.from(out)
}
