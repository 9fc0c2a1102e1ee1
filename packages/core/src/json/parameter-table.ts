import { expressionNames } from '../edit/expression.ts'
import type { MorphableModel } from '../model.ts'
import { faceUnits } from '../tracking/face-units.ts'
import type { Parameters } from './generated/align-result.ts'

/** Between the outer corners of an adult's eyes, metres. */
const EYE_DISTANCE = 0.09
const OUTER_CORNERS = [36, 45] as const

/** Units that face models come in, metres. */
const UNITS = { micrometre: 1e-6, millimetre: 1e-3, metre: 1 } as const
/** Eyes whose distance in a unit differs from an adult's by more than this factor are not measured in that unit. */
const TOLERANCE = 3

/**
 * What a model's coordinates count. Told by the size of its mean face, since files of models do not say: units that differ by a
 * factor of a thousand cannot be mistaken. Undefined where none of them gives a face of human size.
 */
export function modelUnit({
  mean,
  landmarks,
}: Pick<MorphableModel, 'mean' | 'landmarks'>): keyof typeof UNITS | undefined {
  const [a, b] = OUTER_CORNERS.map((point) => 3 * landmarks[point]!) as [number, number]
  const distance = Math.hypot(mean[a]! - mean[b]!, mean[a + 1]! - mean[b + 1]!, mean[a + 2]! - mean[b + 2]!)
  const names = Object.keys(UNITS) as (keyof typeof UNITS)[]
  return names.find((name) => {
    const ratio = (distance * UNITS[name]) / EYE_DISTANCE
    return ratio < TOLERANCE && ratio > 1 / TOLERANCE
  })
}

/** Names and units of the numbers in `params`; undefined where the model has no coefficients. */
export function parameterTable(model: MorphableModel): Parameters | undefined {
  const { shapeCount, expressionCount } = model
  if (shapeCount + expressionCount === 0) return undefined
  const unit = modelUnit(model)
  const { sensitivity, size } = faceUnits(model)
  const camera = [1, 2, 3].flatMap((row) => [1, 2, 3, 4].map((column) => `camera_${row}${column}`))
  const shape = Array.from({ length: shapeCount }, (_, k) => `shape_${k + 1}`)
  return {
    unit: unit ?? null,
    names: [...camera, ...shape, ...expressionNames(model)],
    movement: Array.from(sensitivity, (value) => Number((value * size).toPrecision(4))),
  }
}
