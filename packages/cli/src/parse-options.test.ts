import { describe, expect, it } from 'vitest'
import { OUTPUT_NAMES } from './outputs/names.ts'
import { integerIn, networkPath, numberIn, outputList } from './parse-options.ts'

describe('option parsers', () => {
  it('take whole numbers in a range', () => {
    const parse = integerIn(1, 256)
    expect(parse('16')).toBe(16)
    for (const text of ['0', '257', '1.5', '-1', '1e2', 'x', '', ' '])
      expect(() => parse(text)).toThrow('from 1 to 256')
  })

  it('take numbers in a range', () => {
    const parse = numberIn(0, 1)
    expect(parse('0.25')).toBe(0.25)
    for (const text of ['-0.1', '1.01', 'NaN', 'x', '', ' ']) expect(() => parse(text)).toThrow('from 0 to 1')
  })

  it('take names of networks, and none of a photograph', () => {
    expect(['a.onnx', 'b/c.ONNX'].map(networkPath)).toEqual(['a.onnx', 'b/c.ONNX'])
    for (const text of ['photo.jpg', 'a.onnx.png', '']) expect(() => networkPath(text)).toThrow(/ends in \.onnx/)
  })

  it('take lists of outputs, each once, or all', () => {
    expect(outputList('ply, 3d,ply')).toEqual(['ply', '3d'])
    expect(outputList('obj', ['ply'])).toEqual(['ply', 'obj'])
    expect(outputList('all')).toEqual(OUTPUT_NAMES)
    for (const text of ['3D', '', 'ply,', 'ply;obj', 'toString'])
      expect(() => outputList(text)).toThrow('There is no output')
  })
})
