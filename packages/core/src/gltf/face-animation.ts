import { WebIO } from '@gltf-transform/core'
import { expect } from '../errors.ts'
import type { FaceAligner } from '../face-aligner.ts'
import { checkPicture } from '../image.ts'
import { createMouthLining, type MouthLining } from '../mesh/mouth-lining.ts'
import { faceUnits } from '../tracking/face-units.ts'
import type { TrackedFrame } from '../tracking/tracked-frame.ts'
import { AnimatedScene, type Engine } from './animated-scene.ts'
import { FaceKeyframes, keyframe, type SceneFrame } from './keyframes.ts'
import { createDocument } from './parts.ts'
import type { FaceTexture, PictureSize } from './picture.ts'

export interface FaceAnimationOptions {
  readonly picture: PictureSize
  /** Faces that are written, those seen in the most frames; 16 unless given. Each has a mesh of its own, 0.9 MB with the Basel model. */
  readonly maxFaces?: number | undefined
}

/**
 * Followed faces as an animated scene: binary glTF 2.0. Each face is one mesh with the mean of its frames' shapes; its
 * expressions are morph targets, which all faces share, its head is a node with keyframes of rotation, translation and scale,
 * inside of a node whose scale is 0 while the face is not seen. Right-handed, y up, z towards the viewer; an orthographic camera
 * (the file has none) sees what the video shows. Of no faces: a scene without any.
 *
 * ```ts
 * const animation = new FaceAnimation(aligner, { picture })
 * for await (const frame of aligner.track(source)) animation.add(frame)
 * const glb = await animation.write()
 * ```
 */
export class FaceAnimation {
  /** What closes the mouths, whose colours `mouth` of the textures are; undefined where the model's mesh does. */
  readonly lining: MouthLining | undefined
  readonly #engine: Engine
  readonly #frame: SceneFrame
  readonly #maxFaces: number
  readonly #faces = new Map<number, FaceKeyframes>()
  #start: number | undefined
  #last = Number.NEGATIVE_INFINITY

  /** @throws {InvalidInputError} for a picture without extent or less than one face. */
  constructor(
    { model, backend, regressor }: Pick<FaceAligner, 'model' | 'backend' | 'regressor'>,
    { picture, maxFaces = 16 }: FaceAnimationOptions,
  ) {
    checkPicture(picture)
    expect(Number.isInteger(maxFaces) && maxFaces >= 1, 'maxFaces', 'a whole number from 1', maxFaces)
    this.lining = createMouthLining(model, model.mean)
    this.#engine = { model, backend }
    this.#frame = { picture, inputSize: regressor.inputSize, units: faceUnits(model) }
    this.#maxFaces = maxFaces
  }

  /**
   * Adds a frame; time counts from the first one. Keeps nothing of it but 44 bytes a face and 4 an expression (172 with the open
   * model).
   * @throws {InvalidInputError} when time does not grow, or for a face that is not the model's; then nothing is added.
   */
  add({ timestamp, faces }: Pick<TrackedFrame, 'timestamp' | 'faces'>): void {
    const grows = Number.isFinite(timestamp) && timestamp > this.#last
    expect(grows, 'timestamp', 'seconds that grow from frame to frame', timestamp)
    const { model } = this.#engine
    const keys = faces.map((face) => keyframe(face, model, this.#frame))
    this.#last = timestamp
    this.#start ??= timestamp
    const time = timestamp - this.#start
    for (const [id, keyframes] of this.#faces) if (!faces.some((face) => face.id === id)) keyframes.hide(time)
    faces.forEach(({ id }, i) => {
      if (!this.#faces.has(id)) this.#faces.set(id, new FaceKeyframes(model.shapeCount))
      this.#faces.get(id)!.add(time, keys[i]!)
    })
  }

  /** Faces that were seen. */
  get faceCount(): number {
    return this.#faces.size
  }

  /** The file. @param textures by id; the faces without one are white. */
  async write(textures: ReadonlyMap<number, FaceTexture> = new Map()): Promise<Uint8Array<ArrayBuffer>> {
    const byFrames = [...this.#faces].sort(([, a], [, b]) => b.times.length - a.times.length)
    const faces = byFrames.slice(0, this.#maxFaces).sort(([a], [b]) => a - b)
    if (faces.length === 0) return new WebIO().writeBinary(createDocument(this.#frame.picture, 0).document)
    const scene = new AnimatedScene(
      this.#engine,
      this.#frame,
      this.lining,
      faces.map(([, keyframes]) => keyframes),
    )
    for (const [id, keyframes] of faces) scene.addFace(id, keyframes, textures.get(id))
    return new WebIO().writeBinary(scene.document)
  }
}
