import { checkPoints } from '../arrays.ts'
import { expectObject, expectOneOf } from '../errors.ts'
import { anglesFromRotation, type HeadPose, quaternionFromRotation } from '../pose.ts'
import { type Mat3, nearestRotation } from '../rotation.ts'
import { type FitOptions, fitAffine, fitSimilarity } from './fit-transform.ts'
import { invertTransform, transformPoints } from './transform.ts'

const FITS = ['similarity', 'affine'] as const

export interface VertexPoseOptions extends FitOptions {
  /** `similarity` (default) keeps the head's shape; `affine` also stretches it and takes the nearest rotation. */
  readonly fit?: (typeof FITS)[number] | undefined
}

/** The mean face [3n] of a morphable model laid out as a picture (y down), for `poseFromVertices` and `frontalVertices`. */
export function canonicalVertices(model: { readonly mean: Float32Array }): Float32Array {
  expectObject(model, 'model', 'a face model')
  checkPoints(model.mean, 'model.mean')
  return model.mean.map((value, i) => (i % 3 === 1 ? -value : value))
}

/**
 * Head pose from all vertices [3n] of a face (picture pixels, y down): the rotation that brings the mean face `canonical`
 * [3n] (same layout) nearest to them. It needs no parameters, so it works for any mesh. Angles as in `aflw2000`; `scale` is
 * picture pixels a canonical unit. Source: PRNet `estimate_pose.py`, with a proper least squares scale.
 * @throws {InvalidInputError} when lengths disagree, the vertices lie in a plane, or there is no such fit.
 */
export function poseFromVertices(
  vertices: Float32Array,
  canonical: Float32Array,
  { fit = 'similarity', ...options }: VertexPoseOptions = {},
): HeadPose {
  expectOneOf(FITS, fit, 'fit')
  const { rotation: turned, scale } =
    fit === 'similarity'
      ? fitSimilarity(canonical, vertices, options)
      : nearestRotation(fitAffine(canonical, vertices, options).matrix)
  const rotation = upwards(turned)
  return {
    convention: 'aflw2000',
    ...anglesFromRotation(rotation),
    rotation,
    quaternion: quaternionFromRotation(rotation),
    scale,
  }
}

/**
 * The pose-free mesh: vertices [3n] turned to the front and scaled to the unit and place of the mean face `canonical` (y down).
 * `similarity` keeps the face's own proportions; `affine` is PRNet's `rotate_vertices.py`, which also takes the width, height
 * and depth of the mean face over.
 * @throws {InvalidInputError} when lengths disagree, the vertices lie in a plane, or there is no such fit.
 */
export function frontalVertices(
  vertices: Float32Array,
  canonical: Float32Array,
  { fit = 'similarity', ...options }: VertexPoseOptions = {},
): Float32Array {
  expectOneOf(FITS, fit, 'fit')
  const back =
    fit === 'similarity'
      ? invertTransform(fitSimilarity(canonical, vertices, options))
      : fitAffine(vertices, canonical, options)
  return transformPoints(back, vertices)
}

/** A rotation between frames with y down as one between frames with y up: F R F with F = diag(1, -1, 1). */
function upwards(r: Mat3): Mat3 {
  return [r[0], -r[1], r[2], -r[3], r[4], -r[5], r[6], -r[7], r[8]]
}
