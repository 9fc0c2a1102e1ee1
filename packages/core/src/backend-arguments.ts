import { checkFloats, checkIndices, checkPoints, isArrayOf } from './arrays.ts'
import type { Backend, DecodeFrame, Light, MeshView, RenderTarget, RenderWindow } from './backend.ts'
import { expect, expectObject } from './errors.ts'
import { checkImage, type ImageView } from './image.ts'
import type { FaceParams, MorphableModel } from './model.ts'
import { MAX_REGION, type Roi } from './roi.ts'

// What every backend asks of its arguments, here once so that all refuse the same calls with the same sentence. The cost
// does not grow with the arguments; whether triangle indices are in range, which does, each backend checks by itself.

/** Largest |coordinate| of a target's corner in pixels, and of a vertex that is drawn: edge values stay exact in doubles. */
export const MAX_COORDINATE: number = 2 ** 20

/** @throws {InvalidInputError} unless it is a backend, rather than none or the promise of one. */
export function checkBackend(backend: Backend): void {
  expect(typeof backend?.rasterize === 'function', 'backend', 'a backend', backend)
}

/** @throws {InvalidInputError} unless `vertices` and `triangles` are whole threes. */
export function checkMeshView(mesh: MeshView): void {
  expectObject(mesh, 'mesh', 'a mesh, { vertices, triangles },')
  const { vertices, triangles } = mesh
  checkPoints(vertices, 'mesh.vertices')
  checkIndices(triangles, 'mesh.triangles')
}

/** @throws {InvalidInputError} unless the window is one of whole pixels within `MAX_COORDINATE`. */
export function checkWindow(window: RenderWindow, name = 'window'): void {
  expectObject(window, name, 'an object, { x, y, width, height },')
  const { x, y, width, height } = window
  const whole = [x, y, width, height].every(Number.isInteger) && width >= 0 && height >= 0
  const near = [x, y, x + width, y + height].every((at) => Math.abs(at) <= MAX_COORDINATE)
  expect(whole && near, name, 'whole x, y, width, height within 2^20 pixels', `${x} ${y} ${width} ${height}`)
}

/** @throws {InvalidInputError} when sizes and arrays disagree or the target lies beyond `MAX_COORDINATE`. */
export function checkTarget(target: RenderTarget): void {
  checkWindow(target, 'target')
  const { depth, triangleIds } = target
  const size = target.width * target.height
  checkFloats(depth, size, 'target.depth')
  const fits = isArrayOf(triangleIds, 'Int32Array') && triangleIds.length === size
  expect(fits, 'target.triangleIds', `an Int32Array of ${size} numbers`, triangleIds)
}

/** @throws {InvalidInputError} unless the mesh's triangles can be numbered from `firstId` in 31 bits. */
export function checkFirstId({ triangles }: MeshView, firstId: number): void {
  const fits = Number.isInteger(firstId) && firstId >= 0 && firstId + triangles.length / 3 <= 2 ** 31
  expect(fits, 'firstId', 'a whole number from 0 that leaves all ids below 2^31', firstId)
}

/** @throws {InvalidInputError} unless 0 <= opacity <= 1. */
export function checkOpacity(opacity: number): void {
  expect(typeof opacity === 'number' && opacity >= 0 && opacity <= 1, 'opacity', 'a number in [0, 1]', opacity)
}

/** @throws {InvalidInputError} unless its weights and its place are finite numbers. */
export function checkLight(light: Light): void {
  expectObject(light, 'light', 'a light, { ambient, directional, specular, position },')
  const { ambient, directional, specular, position } = light
  const fits = position?.length === 3 && [ambient, directional, specular, ...position].every(Number.isFinite)
  expect(fits, 'light', 'finite weights and position x y z', light)
}

/** The arguments of `Backend.resample`. */
export function checkResample(image: ImageView, roi: Roi, out: ImageView): void {
  checkImage(image)
  checkImage(out, 'out')
  expectObject(roi, 'roi', 'a region, { x1, y1, x2, y2 },')
  const { x1, y1, x2, y2 } = roi
  expect(out.channels === 3, 'out.channels', '3', out.channels)
  const whole = [x1, y1, x2, y2].every((at) => Number.isInteger(at) && Math.abs(at) <= MAX_REGION)
  const what = 'whole pixels within 2^24 with x1 < x2 and y1 < y2'
  expect(whole && x2 > x1 && y2 > y1, 'roi', what, `${x1} ${y1} ${x2} ${y2}`)
}

/** The arguments of `Backend.decode`. */
export function checkDecode(model: MorphableModel, params: FaceParams, frame: DecodeFrame, out: Float32Array): void {
  expectObject(params, 'params', '{ camera, shape, expression }')
  expectObject(frame, 'frame', '{ roi, inputSize }')
  expectObject(frame.roi, 'frame.roi', 'a region, { x1, y1, x2, y2 },')
  const { vertexCount, shapeCount, expressionCount, mean, basis } = model
  const { camera, shape, expression } = params
  const { roi, inputSize } = frame
  checkFloats(mean, 3 * vertexCount, 'model.mean')
  checkFloats(basis, 3 * vertexCount * (shapeCount + expressionCount), 'model.basis')
  checkFloats(out, 3 * vertexCount, 'out')
  checkFloats(camera, 12, 'params.camera')
  checkFloats(shape, shapeCount, 'params.shape')
  checkFloats(expression, expressionCount, 'params.expression')
  expect(inputSize > 0 && inputSize < Infinity, 'frame.inputSize', 'a positive number of pixels', inputSize)
  const finite = [roi.x1, roi.y1, roi.x2, roi.y2].every(Number.isFinite)
  expect(finite, 'frame.roi', 'finite numbers', `${roi.x1} ${roi.y1} ${roi.x2} ${roi.y2}`)
}
