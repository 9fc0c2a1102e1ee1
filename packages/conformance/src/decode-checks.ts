import type { Backend, FaceParams, MorphableModel } from '@3ddfa/core'
import type { Check } from './check.ts'
import { compareBits, compareNear, firstOf } from './compare.ts'
import { faceLikeModel, faceLikeParams } from './face-like.ts'

/** Pixels; see `Backend`. */
export const DECODE_TOLERANCE = 0.02

const ROIS = [
  { x1: 100, y1: 50, x2: 220, y2: 170 },
  { x1: -31.25, y1: 12.5, x2: 418.75, y2: 462.5 },
]

/** Dense vertices within `DECODE_TOLERANCE` of the reference, for models whose vertex count fills no block evenly too. */
export function decodeChecks(): Check[] {
  return [
    [61, 75],
    [5, 7],
    [4, 8],
  ].map(([columns, rows]) => {
    const model = faceLikeModel(columns, rows)
    const params = [-1.2, -0.4, 0, 0.7].map((yaw) => faceLikeParams(model, yaw, yaw / 3))
    return decodeCheck(`decode of ${model.vertexCount} vertices`, model, params)
  })
}

/** The same for a model and parameters of the caller's. */
export function decodeCheck(name: string, model: MorphableModel, params: readonly FaceParams[]): Check {
  const run = (backend: Backend, reference: Backend): string | undefined =>
    firstOf(params.flatMap((p) => ROIS.flatMap((roi) => decoded(model, p, roi, backend, reference))))
  return { name, run }
}

function decoded(
  model: MorphableModel,
  params: FaceParams,
  roi: (typeof ROIS)[number],
  backend: Backend,
  reference: Backend,
) {
  const frame = { roi, inputSize: 120 }
  const actual = backend.decode(model, params, frame)
  const expected = reference.decode(model, params, frame)
  const again = backend.decode(model, params, frame, new Float32Array(expected.length).fill(NaN))
  const lowest = actual.reduce((low, value, i) => (i % 3 === 2 ? Math.min(low, value) : low), Infinity)
  return [
    compareNear('vertices', actual, expected, DECODE_TOLERANCE),
    compareBits('vertices in a given array', again, actual),
    lowest === 0 ? undefined : `smallest z is ${lowest} instead of 0`,
  ]
}
