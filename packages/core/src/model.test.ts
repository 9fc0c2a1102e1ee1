import { describe, expect, it } from 'vitest'
import { checkModel, namedExpression } from './model.ts'
import { toyFace } from './toy-face.ts'

const { model } = toyFace()

describe('names of expressions', () => {
  it('give coefficients by name', () => {
    const params = Float32Array.from({ length: 14 }, (_, i) => i)
    expect(namedExpression({ ...model, expressionNames: ['jawOpen'] }, params)).toEqual({ jawOpen: 13 })
    expect(namedExpression(model, params)).toEqual({})
  })

  it('are as many as there are expressions, each another one', () => {
    expect(() => checkModel({ ...model, expressionNames: ['jawOpen'] })).not.toThrow()
    for (const expressionNames of [[], ['jawOpen', 'eyeBlink'], ['a', 'a']])
      expect(() => checkModel({ ...model, expressionNames })).toThrow(
        'Expected 1 different names for model.expressionNames',
      )
  })
})
