import { checkFace, checkFaces } from '../check-face.ts'
import { expectObject } from '../errors.ts'
import type { Face, FaceAligner } from '../face-aligner.ts'
import { checkPicture } from '../image.ts'
import { type MorphableModel, namedExpression } from '../model.ts'
import type { HeadPose } from '../pose.ts'
import type { AlignResult, Face as JsonFace, Image as JsonImage, Parameters } from './generated/align-result.ts'
import { parameterTable } from './parameter-table.ts'

export type { AlignResult, JsonFace, JsonImage, Parameters as JsonParameters }

/** What a document says of the aligner that made it. */
export type Provenance = Pick<AlignResult, 'models' | 'parameters' | 'backend'>

/** The parts of an aligner that results depend on. */
type Parts = Pick<FaceAligner, 'detector' | 'meshRegressor' | 'model' | 'backend'>

/** Names of the aligner's models and backend, and what its faces' parameters are, where they are coefficients. */
export function provenanceOf(aligner: Parts): Provenance {
  expectObject(aligner, 'aligner', 'an aligner')
  const { detector, meshRegressor, model, backend } = aligner
  const models = { detector: detector?.id ?? null, regressor: meshRegressor.id, morphableModel: model.id }
  const parameters = parameterTable(model)
  return { models, ...(parameters && { parameters }), backend: backend.id }
}

/**
 * The document about pictures that `aligner` has aligned; `images` are made by `toJsonImage`. See docs/result-schema.md and
 * schema/align-result.json.
 */
export function toAlignResult(aligner: Parts, images: JsonImage[]): AlignResult {
  return { schema: '3ddfa.align', version: 1, ...provenanceOf(aligner), images }
}

/** What names a face's coefficients. */
type Names = Pick<MorphableModel, 'shapeCount' | 'expressionNames'>

/** One picture's entry. With the `model` of the faces their expressions are named, where it has names. */
export function toJsonImage(
  file: string,
  picture: { readonly width: number; readonly height: number },
  faces: readonly Face[],
  { model, ...more }: Pick<JsonImage, 'timings' | 'outputs'> & { readonly model?: Names } = {},
): JsonImage {
  checkPicture(picture)
  checkFaces(faces)
  const { width, height } = picture
  return { file, width, height, faces: faces.map((face) => toJsonFace(face, model)), ...more }
}

/** One face, coordinates to a thousandth of a pixel, angles in degrees; with a `model` that has names, its expression. */
export function toJsonFace(face: Face, model?: Names): JsonFace {
  checkFace(face)
  const { box, roi, params, landmarks, pose } = face
  const expression = Object.entries(model ? namedExpression(model, params) : {})
  return {
    box: box ? [round(box.x1), round(box.y1), round(box.x2), round(box.y2)] : null,
    ...(box && Number.isFinite(box.score) && { score: round(box.score, 6) }),
    roi: [round(roi.x1), round(roi.y1), round(roi.x2), round(roi.y2)],
    params: Array.from(params, significant),
    ...(expression.length > 0 && {
      expression: Object.fromEntries(expression.map(([name, value]) => [name, round(value, 4)])),
    }),
    pose: toJsonPose(pose),
    landmarks: Array.from({ length: 68 }, (_, i) => [
      round(landmarks[3 * i]!),
      round(landmarks[3 * i + 1]!),
      round(landmarks[3 * i + 2]!),
    ]),
  }
}

function toJsonPose({ convention, pitch, yaw, roll, quaternion, rotation, scale }: HeadPose): JsonFace['pose'] {
  const degrees = (radians: number): number => round((radians * 180) / Math.PI)
  const [x, y, z, w] = quaternion
  return {
    convention,
    pitch: degrees(pitch),
    yaw: degrees(yaw),
    roll: degrees(roll),
    quaternion: [round(x, 6), round(y, 6), round(z, 6), round(w, 6)],
    rotation: rotation.map((v) => round(v, 6)),
    scale: significant(scale),
  }
}

function round(value: number, decimals = 3): number {
  const scale = 10 ** decimals
  return Math.round(value * scale) / scale + 0 // + 0 turns -0 into 0
}

/** All that a float32 holds. */
function significant(value: number): number {
  return Number(value.toPrecision(9))
}
