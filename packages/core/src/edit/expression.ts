import { expect, expectObject } from '../errors.ts'
import { type MorphableModel, splitParams } from '../model.ts'

type Model = Pick<MorphableModel, 'shapeCount' | 'expressionCount' | 'expressionNames'>

/** A name for each expression component: the model's own, or `expression_1`, `expression_2`, ... where it has none. */
export function expressionNames({ expressionCount, expressionNames: names }: Model): readonly string[] {
  return names ?? Array.from({ length: expressionCount }, (_, k) => `expression_${k + 1}`)
}

/**
 * A copy of a face's parameters with other expression coefficients, all of them or some by name (see `expressionNames`). Camera and
 * shape stay: the same person, seen the same way.
 * @throws {InvalidInputError} for a name or a count that the model does not have, or a value that is no number.
 */
export function withExpression(
  model: Model,
  params: Float32Array,
  expression: ArrayLike<number> | Readonly<Record<string, number>>,
): Float32Array {
  expectObject(expression, 'expression', 'a list of numbers, or numbers by name')
  const values: readonly unknown[] = isList(expression) ? Array.from(expression) : Object.values(expression)
  const out = params.slice()
  const own = splitParams(model, out).expression
  if (isList(expression)) {
    expect(expression.length === own.length, 'expression', `${own.length} numbers`, expression)
    own.set(Array.from(expression))
  } else {
    const names = expressionNames(model)
    for (const [name, value] of Object.entries(expression)) {
      expect(names.includes(name), 'expression', `one of ${names.join(', ')}`, name)
      own[names.indexOf(name)] = value
    }
  }
  // An array of numbers takes null for 0.
  const areNumbers = values.every((value) => typeof value === 'number') && own.every(Number.isFinite)
  expect(areNumbers, 'expression', 'finite numbers', expression)
  return out
}

/**
 * The parameters of one face with the expression of another, both of the same model. With the camera and region of the first they
 * decode to its mesh as the second looks.
 * @param amount 0 leaves the face as it is, 1 (unless given) takes the other's expression, more exaggerates it
 * @throws {InvalidInputError} when either list is not of the model.
 */
export function transferExpression(
  model: Model,
  params: Float32Array,
  from: Float32Array,
  amount: number = 1,
): Float32Array {
  const own = splitParams(model, params).expression
  const other = splitParams(model, from).expression
  return withExpression(
    model,
    params,
    own.map((value, k) => value + amount * (other[k]! - value)),
  )
}

function isList(expression: ArrayLike<number> | Readonly<Record<string, number>>): expression is ArrayLike<number> {
  return Array.isArray(expression) || ArrayBuffer.isView(expression)
}
