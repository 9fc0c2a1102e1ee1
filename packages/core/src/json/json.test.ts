import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { generate, target } from '../../../../scripts/generate-types.mjs'
import type { Face, FaceAligner } from '../face-aligner.ts'
import { poseFromParams, rotationFromAngles } from '../pose.ts'
import { random } from '../testing.ts'
import { toyFace } from '../toy-face.ts'
import { toAlignResult, toJsonImage } from './align-document.ts'
import { modelUnit, parameterTable } from './parameter-table.ts'

const schema = JSON.parse(readFileSync(new URL('../../schema/align-result.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

const next = random(8)
const r = rotationFromAngles({ pitch: 0.1, yaw: -0.7, roll: 0.2 })
const params = Float32Array.from({ length: 62 }, (_, i) =>
  i < 12 ? [r[0], r[1], r[2], 5, r[3], r[4], r[5], 6, r[6], r[7], r[8], 7][i]! * 4e-4 : next(),
)
const face: Face = {
  box: { x1: 1.23456, y1: 2, x2: 30, y2: 40, score: 0.98765432 },
  roi: { x1: -1, y1: 0, x2: 50, y2: 51 },
  params,
  landmarks: Float32Array.from({ length: 204 }, () => next() * 100),
  pose: poseFromParams({ camera: params.subarray(0, 12) }),
}
const { model: toy } = toyFace()
/** The ids are all that documents take of these. */
const aligner = (model = toy, detector?: { id: string }): FaceAligner =>
  ({ detector, meshRegressor: { id: 'mb05' }, model, backend: { id: 'native' } }) as FaceAligner

describe('the result document', () => {
  const document = toAlignResult(aligner(toy, { id: 'faceboxes' }), [
    toJsonImage('a.jpg', { width: 100, height: 80 }, [face], {
      timings: { detect: 1.5 },
      outputs: { obj: ['a_obj.obj'] },
    }),
    toJsonImage('none.jpg', { width: 10, height: 8 }, []),
    { file: 'broken.jpg', error: 'It is cut short.' },
  ])

  it('fits its schema', () => {
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  })

  it('says what made it', () => {
    const models = { detector: 'faceboxes', regressor: 'mb05', morphableModel: 'toy' }
    expect(document).toMatchObject({ models, backend: 'native' })
    expect(toAlignResult(aligner(), []).models.detector).toBeNull()
  })

  it('holds degrees, thousandths of pixels and exact parameters', () => {
    const [json] = document.images[0]!.faces!
    expect(json!.pose.yaw).toBeCloseTo((-0.7 * 180) / Math.PI, 2)
    expect(json!.box).toEqual([1.235, 2, 30, 40])
    expect(json!.landmarks[3]![1]).toBeCloseTo(face.landmarks[10]!, 3)
    expect(Float32Array.from(json!.params)).toEqual(params)
  })

  it('names expressions where the model has names, and only there', () => {
    const expressionNames = Array.from({ length: 10 }, (_, k) => `shape_${k}`)
    const picture = { width: 1, height: 1 }
    const named = toJsonImage('a', picture, [face], { model: { shapeCount: 40, expressionNames } })
    expect(validate(toAlignResult(aligner(), [named])), JSON.stringify(validate.errors)).toBe(true)
    const { expression } = named.faces![0]!
    expect(Object.keys(expression!)).toEqual(expressionNames)
    expect(expression!['shape_3']).toBeCloseTo(params[12 + 40 + 3]!, 4)
    expect(toJsonImage('a', picture, [face], { model: { shapeCount: 40 } }).faces![0]).not.toHaveProperty('expression')
    // A network of positions gives a camera and no coefficients.
    const bare = { ...face, params: params.slice(0, 12) }
    const model = { shapeCount: 40, expressionNames }
    expect(toJsonImage('a', picture, [bare], { model }).faces![0]).not.toHaveProperty('expression')
  })

  it('a face without a box has null there', () => {
    const { box: _, ...given } = face
    const [json] = toJsonImage('a', { width: 1, height: 1 }, [given]).faces!
    expect(json!.box).toBeNull()
    expect(validate(toAlignResult(aligner(), [toJsonImage('a', { width: 1, height: 1 }, [given])]))).toBe(true)
  })

  it('the schema refuses what is not in it', () => {
    expect(validate({ ...document, version: 2 })).toBe(false)
    expect(validate({ ...document, more: 1 })).toBe(false)
  })

  it('its types are those that the schema generates', async () => {
    expect(readFileSync(target, 'utf8')).toBe(await generate())
  })
})

describe('the table of parameters', () => {
  const sized = (factor: number) => ({ ...toy, mean: toy.mean.map((v) => v * factor) })
  const corners = [36, 45].map((i) => 3 * toy.landmarks[i]!)
  const distance = Math.hypot(...[0, 1, 2].map((k) => toy.mean[corners[0]! + k]! - toy.mean[corners[1]! + k]!))

  it("tells the unit by the face's size", () => {
    const ofEyes = (wanted: number) => modelUnit(sized(wanted / distance))
    expect([9e4, 90, 0.09, 120, 60].map(ofEyes)).toEqual([
      'micrometre',
      'millimetre',
      'metre',
      'millimetre',
      'millimetre',
    ])
    expect(ofEyes(3000)).toBeUndefined()
  })

  it('names every number, and says how far a coefficient moves the landmarks', () => {
    const basis = toy.basis.slice()
    // The second component, the expression, moves every point by 3, 4 and 0.
    for (let i = 0; i < toy.vertexCount; i++) basis.set([3, 4, 0], 3 * (toy.vertexCount + i))
    const model = { ...toy, basis, expressionNames: ['jawOpen'] }
    const table = parameterTable(model)!
    expect(table.names).toHaveLength(14)
    expect([table.names[0], table.names[11], ...table.names.slice(12)]).toEqual([
      'camera_11',
      'camera_34',
      'shape_1',
      'jawOpen',
    ])
    expect(table.movement).toEqual([0, 5])
    const document = toAlignResult(aligner(model), [])
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
    expect(document.parameters).toEqual(table)
  })

  it('is not there without coefficients', () => {
    expect(parameterTable({ ...toy, shapeCount: 0, expressionCount: 0, basis: new Float32Array() })).toBeUndefined()
  })
})
