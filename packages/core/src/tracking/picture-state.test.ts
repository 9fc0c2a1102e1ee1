import { expect, it } from 'vitest'
import { splitParams } from '../model.ts'
import { SparseDecoder } from '../sparse-decoder.ts'
import { random } from '../testing.ts'
import { faceUnits } from './face-units.ts'
import { fromPicture, toPicture } from './picture-state.ts'
import { toyModel } from './toy-scene.ts'

const model = toyModel()
const { anchor } = faceUnits(model)
const next = random(9)
// A camera as networks regress it: near a scaled rotation, but none.
const params = Float32Array.from([20, 1, 7, 61, -1.5, 22, 2, 58, -6, -2, 19, 5, 0.4, -0.8], (v) => v + next() * 0.3)
const at = { roi: { x1: 310.5, y1: -20.25, x2: 490.5, y2: 159.75 }, inputSize: 120 }

it('goes to the picture and back', () => {
  const back = fromPicture(toPicture(model, anchor, params, at), anchor, at)
  back.forEach((v, i) => {
    expect(v).toBeCloseTo(params[i]!, 4)
  })
})

it('means the same face when the crop moves', () => {
  const moved = { ...at, roi: { x1: 250, y1: 0, x2: 550, y2: 300 } }
  const state = toPicture(model, anchor, params, at)
  const other = fromPicture(state, anchor, moved)
  const decoder = new SparseDecoder(model)
  const [a, b] = [decoder.decode(splitParams(model, params), at), decoder.decode(splitParams(model, other), moved)]
  a.forEach((v, i) => {
    expect(v).toBeCloseTo(b[i]!, 3)
  })
  const again = toPicture(model, anchor, other, moved)
  expect(again.logScale).toBeCloseTo(state.logScale, 5)
  again.position.forEach((v, i) => {
    expect(v).toBeCloseTo(state.position[i]!, 3)
  })
})

it('is at the mean of the landmarks of a face without expression', () => {
  const plain = Float32Array.from(params)
  plain.fill(0, 12)
  const landmarks = new SparseDecoder(model).decode(splitParams(model, plain), at)
  const { position } = toPicture(model, anchor, plain, at)
  for (const axis of [0, 1])
    expect(landmarks.reduce((sum, v, i) => sum + (i % 3 === axis ? v / 68 : 0), 0)).toBeCloseTo(position[axis]!, 3)
})
