import type { Face } from '@3ddfa/core'
import { expect, it } from 'vitest'
import { adviseLookingCloser, describeDoubts, formatJson } from './report.ts'

const TURNED = 'Faces that lie on their side or upside down need --any-roll.'

it('where there is no face says to look at the picture turned, and closer at a large one', () => {
  const picture = { file: 'a.jpg', width: 4000, height: 3000 }
  expect(adviseLookingCloser({ ...picture, faces: [] })).toBe(
    `  Faces that are small in it may be found with --detect-size 4000. ${TURNED}`,
  )
  expect(adviseLookingCloser({ ...picture, faces: [] }, Infinity)).toBe(`  ${TURNED}`)
  expect(adviseLookingCloser({ ...picture, faces: [] }, undefined, true)).toMatch(/--detect-size 4000\.$/)
  expect(adviseLookingCloser({ ...picture, faces: [] }, Infinity, true)).toBeUndefined()
  expect(adviseLookingCloser({ ...picture, faces: [{} as never] })).toBeUndefined()
})

it('names the faces whose camera is no turned head', () => {
  const fit = (stretch: number): Pick<Face, 'params' | 'pose' | 'roi' | 'landmarks'> => ({
    params: Float32Array.of(1 + stretch, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1 - stretch, 0),
    pose: { scale: 1, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1] } as never,
    roi: { x1: 0, y1: 0, x2: 200, y2: 200 },
    // The region of these is the crop, nearly.
    landmarks: Float32Array.from({ length: 204 }, (_, i) => [65, 75, 0, 135, 145, 0][i % 6]!),
  })
  expect(describeDoubts('a.jpg', [fit(0.01), fit(0.02)])).toBeUndefined()
  expect(describeDoubts('a.jpg', [fit(0.6), fit(0.01), fit(0.9)])).toBe(
    `a.jpg: the fits of faces 1 (around x 100, y 100), 3 (around x 100, y 100) are doubtful. They may be covered or cut off. ${TURNED}`,
  )
  expect(describeDoubts('a.jpg', [fit(0.6)], true)).toMatch(/cut off\.$/)
  expect(describeDoubts('a.jpg', [fit(0.6)])).toBe(
    `a.jpg: the fit of face 1 (around x 100, y 100) is doubtful. It may be covered or cut off. ${TURNED}`,
  )
})

it('formatJson puts lists of numbers or names on one line, and leaves strings as they are', () => {
  const value = { file: 'a [ 1 ].png', note: '["x",  2, [ 3 ] ]', box: [1, -2.5e-7], names: ['a', 'b_1'], none: [] }
  const text = formatJson(value)
  expect(JSON.parse(text)).toEqual(value)
  expect(text).toContain('"box": [1, -2.5e-7],')
  expect(text).toContain('"names": ["a", "b_1"],')
})
