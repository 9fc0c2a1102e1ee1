import {
  createUvChart,
  type FaceAligner,
  type ImageView,
  type MouthLining,
  mouthColors,
  type TrackedFace,
  type TrackedFrame,
  type UvChart,
  uvTexture,
} from '@3ddfa/core'
import type { FaceTexture } from '@3ddfa/core/gltf'

/** Side of a texture, pixels. */
const SIZE = 512
/** A view has to be this much better to be worth the few milliseconds that a texture takes. */
const BETTER = 1.1
/** Textures that are kept, 0.8 MB each. */
const MAX_FACES = 32

interface View {
  readonly score: number
  readonly texture: ImageView
  readonly mouth: Float32Array | undefined
}

/** The texture of each followed face, from the frame that shows it best: largest, and turned to the viewer. */
export class FaceTextures {
  readonly #engine: FaceAligner
  readonly #chart: UvChart
  readonly #lining: MouthLining | undefined
  readonly #views = new Map<number, View>()

  /** @param lining of the mouths, if they have one */
  constructor(engine: FaceAligner, lining: MouthLining | undefined) {
    this.#engine = engine
    this.#chart = createUvChart(engine.model, SIZE, engine.backend)
    this.#lining = lining
  }

  /** Looks at a frame that is not drawn into yet. Keeps nothing of it. */
  add({ image, faces }: TrackedFrame): void {
    for (const face of faces) {
      const score = viewScore(face)
      if (score > BETTER * (this.#views.get(face.id)?.score ?? 0))
        this.#views.set(face.id, { score, ...this.#look(image, face) })
    }
    while (this.#views.size > MAX_FACES) this.#views.delete(this.#worst())
  }

  /** By id, as JPEG. */
  async encode(): Promise<Map<number, FaceTexture>> {
    const { default: sharp } = await import('sharp')
    const textures = new Map<number, FaceTexture>()
    for (const [id, { texture, mouth }] of this.#views) {
      const { data, width, height, channels } = texture
      const jpeg = sharp(data, { raw: { width, height, channels } }).removeAlpha().jpeg({ quality: 90 })
      textures.set(id, { data: await jpeg.toBuffer(), mimeType: 'image/jpeg', mouth })
    }
    return textures
  }

  #look(image: ImageView, face: TrackedFace): Omit<View, 'score'> {
    const { model, backend } = this.#engine
    const vertices = this.#engine.vertices(face)
    // What the camera does not see is taken from the other half of the face.
    const texture = uvTexture(image, vertices, model, backend, { chart: this.#chart, hidden: 'mirror' })
    return { texture, mouth: this.#lining && mouthColors(image, vertices, this.#lining, model) }
  }

  #worst(): number {
    const [worst] = [...this.#views].sort(([, a], [, b]) => a.score - b.score)
    return worst![0]
  }
}

/** Pixels of the face that look at the viewer, about. */
function viewScore({ roi, pose, confidence }: TrackedFace): number {
  const facing = Math.max(0, pose.rotation[8])
  return confidence * facing ** 2 * (roi.x2 - roi.x1)
}
