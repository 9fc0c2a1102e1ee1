import { WebIO } from '@gltf-transform/core'
import type { FaceAligner } from './face-aligner.ts'
import { AnimatedScene, type Engine } from './gltf-animated-scene.ts'
import { FaceKeyframes, type SceneFrame } from './gltf-keyframes.ts'
import type { FaceTexture, PictureSize } from './gltf-parts.ts'
import { faceUnits } from './tracking/face-units.ts'
import type { TrackedFrame } from './tracking/tracked-frame.ts'

export interface FaceAnimationOptions {
  readonly picture: PictureSize
  /** Faces that are written, those seen in the most frames; 16 unless given. Each takes 2 MB of file. */
  readonly maxFaces?: number
}

/**
 * Followed faces as an animated scene: binary glTF 2.0. Each face is one mesh with the mean of its frames' shapes; its
 * expressions are morph targets, which all faces share, its head is a node with keyframes of rotation, translation and scale,
 * inside of a node whose scale is 0 while the face is not seen. Right-handed, y up, z towards the viewer; an orthographic
 * camera sees what the video shows.
 *
 * ```ts
 * const animation = new FaceAnimation(aligner, { picture })
 * for await (const frame of aligner.track(source)) animation.add(frame)
 * const glb = await animation.write()
 * ```
 */
export class FaceAnimation {
  readonly #engine: Engine
  readonly #frame: SceneFrame
  readonly #maxFaces: number
  readonly #faces = new Map<number, FaceKeyframes>()
  #start: number | undefined

  constructor(
    { model, backend, regressor }: Pick<FaceAligner, 'model' | 'backend' | 'regressor'>,
    { picture, maxFaces = 16 }: FaceAnimationOptions,
  ) {
    this.#engine = { model, backend }
    this.#frame = { picture, inputSize: regressor.inputSize, units: faceUnits(model) }
    this.#maxFaces = maxFaces
  }

  /** Adds a frame; time counts from the first one. Keeps nothing of it, and about 80 bytes a face. */
  add({ timestamp, faces }: Pick<TrackedFrame, 'timestamp' | 'faces'>): void {
    this.#start ??= timestamp
    const time = timestamp - this.#start
    const { model } = this.#engine
    for (const [id, keyframes] of this.#faces) if (!faces.some((face) => face.id === id)) keyframes.hide(time)
    for (const face of faces) {
      if (!this.#faces.has(face.id)) this.#faces.set(face.id, new FaceKeyframes(model.shapeCount))
      this.#faces.get(face.id)!.add(time, face, model, this.#frame)
    }
  }

  /** Faces that were seen. */
  get faceCount(): number {
    return this.#faces.size
  }

  /** The file. @param textures by id; the faces without one are grey. */
  async write(textures: ReadonlyMap<number, FaceTexture> = new Map()): Promise<Uint8Array> {
    const byFrames = [...this.#faces].sort(([, a], [, b]) => b.times.length - a.times.length)
    const faces = byFrames.slice(0, this.#maxFaces).sort(([a], [b]) => a - b)
    const scene = new AnimatedScene(
      this.#engine,
      this.#frame,
      faces.map(([, keyframes]) => keyframes),
    )
    for (const [id, keyframes] of faces) scene.addFace(id, keyframes, textures.get(id))
    return new WebIO().writeBinary(scene.document)
  }
}
