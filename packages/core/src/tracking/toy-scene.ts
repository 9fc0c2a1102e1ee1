import type { Backend } from '../backend.ts'
import type { FaceAlignerParts } from '../face-aligner.ts'
import type { ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { intersectionOverUnion, type Roi } from '../roi.ts'

import type { InputFrame } from './tracked-frame.ts'

/** A face of a toy scene: centre and size in pixels; a hidden one is seen by nobody. */
export interface ToyFace {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly hidden?: boolean
}

export interface ToyOptions {
  readonly fps?: number
  readonly sight?: number
}

const INPUT_SIZE = 120
const LANDMARKS = 68

/**
 * Parts of an aligner for tests that sees the faces it is told of: what a perfect detector and network would say, at no cost.
 * `frames[i]` are the faces of picture i; the network sees one whose region overlaps its crop by more than `sight`; `log` counts the
 * engines' calls.
 */
export function toyScene(
  frames: readonly (readonly ToyFace[])[],
  { fps = 25, sight = 0.3 }: ToyOptions = {},
): { parts: FaceAlignerParts; source: InputFrame[]; log: { detections: number; batches: number[] } } {
  const log = { detections: 0, batches: [] as number[] }
  const source = frames.map((_, i): InputFrame => {
    const image: ImageView = { data: new Uint8Array(64 * 36 * 3), width: 64, height: 36, channels: 3 }
    return { image, timestamp: i / fps }
  })
  const visible = (image: ImageView): ToyFace[] =>
    frames[source.findIndex((frame) => frame.image === image)]!.filter((face) => !face.hidden)
  const crops = new WeakMap<object, { roi: Roi; faces: ToyFace[] }>()
  const parts: FaceAlignerParts = {
    model: toyModel(),
    detector: {
      id: 'toy',
      detect: async (image) => {
        log.detections++
        return visible(image).map((face) => ({ ...square(face, 0.9), score: 0.9 }))
      },
      dispose: async () => {},
    },
    regressor: {
      id: 'toy',
      inputSize: INPUT_SIZE,
      regress: async (images) => {
        log.batches.push(images.length)
        return images.map((image) => look(crops.get(image)!, sight))
      },
      dispose: async () => {},
    },
    backend: {
      id: 'toy',
      resample: (image, roi, out) => {
        if (roi.x2 <= roi.x1) throw new Error('an empty region, which no backend takes')
        crops.set(out, { roi, faces: visible(image) })
      },
      decode: (model, params, _frame, out = new Float32Array(3 * model.vertexCount)) => out.fill(params.camera[3]!),
      dispose: () => {},
    } as Backend,
  }
  return { parts, source, log }
}

/** 68 vertices on a grid from -1 to 1, one shape and one expression component. */
export function toyModel(): MorphableModel {
  const mean = Float32Array.from({ length: 3 * LANDMARKS }, (_, i) => {
    const [column, row] = [Math.floor(i / 3) % 17, Math.floor(i / 3 / 17)]
    return [column / 8 - 1, (row * 2) / 3 - 1, 0.1 * (column % 3)][i % 3]!
  })
  return {
    id: 'toy',
    vertexCount: LANDMARKS,
    shapeCount: 1,
    expressionCount: 1,
    mean,
    basis: Float32Array.from({ length: 6 * LANDMARKS }, (_, i) => ((i * 37) % 11) / 100 - 0.05),
    triangles: Uint32Array.of(0, 1, 2),
    landmarks: Uint32Array.from({ length: LANDMARKS }, (_, i) => i),
    uv: new Float32Array(2 * LANDMARKS),
    ncc: new Float32Array(3 * LANDMARKS),
  }
}

/** The face nearest to the middle of the crop; parameters of no head (a mirror image) where there is none. */
function look({ roi, faces }: { roi: Roi; faces: readonly ToyFace[] }, sight: number): Float32Array {
  const [cx, cy, zoom] = [(roi.x1 + roi.x2) / 2, (roi.y1 + roi.y2) / 2, (roi.x2 - roi.x1) / INPUT_SIZE]
  const distance = (face: ToyFace): number => Math.hypot(face.x - cx, face.y - cy)
  const [face] = faces
    .filter((f) => intersectionOverUnion(square(f, Math.SQRT2), roi) > sight)
    .sort((a, b) => distance(a) - distance(b))
  if (!face) return Float32Array.of(-1, 0, 0, 60, 0, 1, 0, 60, 0, 0, 1, 0, 0, 0)
  const scale = face.size / 2 / zoom
  const tx = (face.x - roi.x1) / zoom + 1
  const ty = INPUT_SIZE - (face.y - roi.y1) / zoom
  return Float32Array.of(scale, 0, 0, tx, 0, scale, 0, ty, 0, 0, scale, 0, 0, 0)
}

function square({ x, y, size }: ToyFace, factor: number): Roi {
  const half = (size * factor) / 2
  return { x1: x - half, y1: y - half, x2: x + half, y2: y + half }
}
