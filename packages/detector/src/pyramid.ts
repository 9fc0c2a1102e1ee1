import { checkImage, type FaceBox, type FaceDetector, type ImageView } from '@3ddfa/core'
import type { DetectionLimits } from './find-faces.ts'

/** A detector that scales pictures down to `size`, pixels of the longer side. */
export interface Look {
  readonly size: number
  readonly detector: FaceDetector
}

/** Side of a face, pixels of a look, up to which the next finer look is asked for it. */
const SMALL = 32

/** Share of a small face that lies in a larger one, from which it is a part of that. */
const PART = 0.5

/**
 * Looks at a picture in several sizes: at a small one for faces of all sizes, at larger ones only for those that are too small
 * there. A network sees faces that fill its input less well, and mistakes more for them; small ones it sees in large inputs alone.
 */
export class PyramidDetector implements FaceDetector {
  readonly id: string
  readonly #looks: readonly Look[]
  readonly #limits: Pick<DetectionLimits, 'iouThreshold' | 'maxFaces'>

  /** @param looks the coarsest first, at least one. */
  constructor(looks: readonly Look[], limits: Pick<DetectionLimits, 'iouThreshold' | 'maxFaces'>) {
    this.id = looks[0]!.detector.id
    this.#looks = looks
    this.#limits = limits
  }

  async detect(image: ImageView): Promise<FaceBox[]> {
    checkImage(image)
    const side = Math.max(image.width, image.height)
    const [first, ...finer] = this.#looks
    const faces = await first!.detector.detect(image)
    let coarser = first!.size
    for (const { size, detector } of finer) {
      // It would see the same pixels.
      if (side <= coarser) break
      const largest = (SMALL * side) / coarser
      const small = (await detector.detect(image)).filter((face) => Math.sqrt(areaOf(face)) < largest)
      faces.push(...small.filter((face) => !faces.some((other) => this.#isKnown(face, other))))
      coarser = size
    }
    return faces.sort((a, b) => b.score - a.score).slice(0, this.#limits.maxFaces)
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#looks.map(({ detector }) => detector.dispose()))
  }

  /** Whether a coarser look's face is this one, or has it as a part. */
  #isKnown(face: FaceBox, other: FaceBox): boolean {
    const width = Math.max(0, Math.min(face.x2, other.x2) - Math.max(face.x1, other.x1))
    const height = Math.max(0, Math.min(face.y2, other.y2) - Math.max(face.y1, other.y1))
    const shared = width * height
    const all = areaOf(face) + areaOf(other) - shared
    return shared >= this.#limits.iouThreshold * all || shared > PART * areaOf(face)
  }
}

/** Sizes of looks up to `largest`, the coarsest first, each at most twice the one before. */
export function sizesOfLooks(coarsest: number, largest: number): number[] {
  const sizes = [Math.min(coarsest, largest)]
  while (sizes.at(-1)! < largest) sizes.push(Math.min(2 * sizes.at(-1)!, largest))
  return sizes
}

function areaOf({ x1, y1, x2, y2 }: FaceBox): number {
  return (x2 - x1) * (y2 - y1)
}
