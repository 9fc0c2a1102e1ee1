import { expressionNames, type MorphableModel, parameterTable } from '@3ddfa/core'
import type { ExpressionMode } from './types.ts'

/** How far a mode without a name may move the landmarks, root mean square, in each unit that models have: 4 mm. */
const REACH = { micrometre: 4000, millimetre: 4, metre: 0.004 } as const

/** Named expressions go from none to all; of the others only their size is known. */
export function modesOf(model: MorphableModel): ExpressionMode[] {
  const { unit, movement } = parameterTable(model) ?? { unit: null, movement: [] }
  return expressionNames(model).map((name, k) => {
    if (model.expressionNames) return { name, min: 0, max: 1 }
    const max = REACH[unit ?? 'millimetre'] / (movement[model.shapeCount + k] || 1)
    return { name, min: -max, max }
  })
}
