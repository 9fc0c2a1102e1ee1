import { type FaceParams, type MorphableModel, ReferenceBackend, rotationFromAngles } from '@3ddfa/core'
import { type Scene, sceneOf } from './scene.ts'
import { seeded } from './seeded.ts'

/**
 * A morphable model of a dented half ellipsoid, as large in its own unit as the Basel model (about 150,000 across) and with
 * components that fall off like those of a face; seeded, so that it holds nobody's data.
 */
export function faceLikeModel(columns = 61, rows = 75, shapeCount = 12, expressionCount = 5): MorphableModel {
  const n = columns * rows
  const { between, below } = seeded(columns)
  const mean = new Float32Array(3 * n)
  const uv = new Float32Array(2 * n)
  for (let i = 0; i < n; i++) {
    const [u, v] = [(i % columns) / (columns - 1), Math.floor(i / columns) / (rows - 1)]
    const [turn, rise] = [(u - 0.5) * Math.PI, (0.5 - v) * 2.4]
    const bump = 1 + 0.2 * Math.exp(-40 * ((u - 0.5) ** 2 + (v - 0.5) ** 2))
    mean.set([Math.sin(turn) * 7e4, rise * 6e4, Math.cos(turn) * Math.cos(rise) * 8e4 * bump], 3 * i)
    uv.set([u, v], 2 * i)
  }
  const count = shapeCount + expressionCount
  return {
    id: 'face-like',
    vertexCount: n,
    shapeCount,
    expressionCount,
    mean,
    basis: Float32Array.from({ length: 3 * n * count }, (_, i) => between(-1, 1) / (1 + Math.floor(i / (3 * n)))),
    triangles: gridTriangles(columns, rows),
    landmarks: Uint32Array.from({ length: 68 }, () => below(n)),
    uv,
    ncc: Float32Array.from({ length: 3 * n }, () => between(0, 1)),
  }
}

/** Two triangles a cell, counter-clockwise seen from the front. */
function gridTriangles(columns: number, rows: number): Uint32Array {
  const triangles: number[] = []
  for (let j = 0; j + 1 < rows; j++)
    for (let i = 0; i + 1 < columns; i++) {
      const at = j * columns + i
      triangles.push(at, at + columns, at + 1, at + 1, at + columns, at + columns + 1)
    }
  return Uint32Array.from(triangles)
}

/** Parameters of a face that fills most of a 120-pixel input, seen from `yaw` and `pitch` radians. */
export function faceLikeParams(model: MorphableModel, yaw: number, pitch: number): FaceParams {
  const { between } = seeded(Math.round(1000 * (yaw + 2)))
  const r = rotationFromAngles({ pitch, yaw, roll: 0.1 })
  const s = 5.5e-4
  const camera = [s * r[0], s * r[1], s * r[2], 60, s * r[3], s * r[4], s * r[5], 55, s * r[6], s * r[7], s * r[8], 0]
  const coefficients = (count: number, size: number): Float32Array =>
    Float32Array.from({ length: count }, () => between(-size, size))
  return {
    camera: Float32Array.from(camera),
    shape: coefficients(model.shapeCount, 3000),
    expression: coefficients(model.expressionCount, 2000),
  }
}

/** The face-like mesh seen from several sides. */
export function faceLikeScenes(): Scene[] {
  return posedScenes('a face-like mesh', faceLikeModel())
}

/** Any face model's mean face, seen from several sides, on a picture of 200 x 180. */
export function posedScenes(name: string, model: MorphableModel): Scene[] {
  const decoder = new ReferenceBackend()
  const frame = { roi: { x1: 22.25, y1: 11.5, x2: 188.25, y2: 177.5 }, inputSize: 120 }
  return [
    [0, 0],
    [-0.6, 0.2],
    [1.3, -0.4],
  ].map(([yaw, pitch]) => {
    const still = { shape: new Float32Array(model.shapeCount), expression: new Float32Array(model.expressionCount) }
    const vertices = decoder.decode(model, { ...faceLikeParams(model, yaw!, pitch!), ...still }, frame)
    return sceneOf(`${name}, yaw ${yaw}`, { vertices, triangles: model.triangles }, [200, 180])
  })
}
