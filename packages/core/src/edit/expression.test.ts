import { describe, expect, it } from 'vitest'
import { expressionNames, transferExpression, withExpression } from './expression.ts'

const model = { shapeCount: 2, expressionCount: 3 }
const named = { ...model, expressionNames: ['jawOpen', 'blink', 'smile'] }
const params = Float32Array.from({ length: 17 }, (_, i) => i)

describe('expressions', () => {
  it('have the names of the model, or numbers', () => {
    expect(expressionNames(named)).toEqual(['jawOpen', 'blink', 'smile'])
    expect(expressionNames(model)).toEqual(['expression_1', 'expression_2', 'expression_3'])
  })

  it('are set as a list or by name, and leave camera, shape and what was given alone', () => {
    expect([...withExpression(model, params, [5, 6, 7])]).toEqual([...params.subarray(0, 14), 5, 6, 7])
    expect([...withExpression(named, params, { blink: 1 })]).toEqual([...params.subarray(0, 15), 1, 16])
    expect([...withExpression(model, params, { expression_3: -1 })]).toEqual([...params.subarray(0, 16), -1])
    expect(params[15]).toBe(15)
  })

  it('go from one face to another by a share', () => {
    const from = new Float32Array(17).fill(100)
    expect(transferExpression(model, params, from, 0)).toEqual(params)
    expect([...transferExpression(model, params, from)]).toEqual([...params.subarray(0, 14), 100, 100, 100])
    expect([...transferExpression(model, params, from, 0.5)].slice(14)).toEqual([57, 57.5, 58])
    // Twice as far on the other side.
    expect([...transferExpression(model, from, params, 2)].slice(14)).toEqual([-72, -70, -68])
  })

  it('refuse what the model does not have', () => {
    expect(() => withExpression(named, params, { jaw: 1 })).toThrow(/one of jawOpen, blink, smile/)
    expect(() => withExpression(model, params, [1])).toThrow(/3 numbers/)
    for (const value of [Number.NaN, 1e300, null, '0.5'])
      expect(() => withExpression(model, params, { expression_1: value as never })).toThrow(/finite/)
    for (const none of [5, null])
      expect(() => withExpression(model, params, none as never)).toThrow(
        /Expected a list of numbers, or numbers by name/,
      )
    expect(() => transferExpression(model, params, params.subarray(1))).toThrow(/17 numbers/)
  })
})
