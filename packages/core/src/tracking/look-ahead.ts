import type { MorphableModel } from '../model.ts'
import type { Mat3 } from '../rotation.ts'
import { hasNearestRotation, nearestRotation } from '../rotation.ts'
import { type FaceUnits, faceUnits } from './face-units.ts'
import { fromPicture, type PictureState, toPicture } from './picture-state.ts'
import type { FaceDecoder, Smoother } from './smoother.ts'
import type { TrackedFace, TrackedFrame } from './tracked-frame.ts'
import { VertexPool } from './vertex-pool.ts'

/**
 * `look-ahead`: landmarks and vertices are the means over the frames from `nPre` before to `nNext` after, as in 3DDFA_V2's
 * `demo_video_smooth.py`. Where a face was not yet or is no longer visible, as many frames are left out on the other side: the
 * reference repeats its nearest frame, which draws the mean of a moving face away from where it is. Parameters and pose are means too, in picture space; what they decode to differs
 * from the mean of the points in second order.
 */
export class LookAheadSmoother implements Smoother {
  readonly latency: number
  readonly #nPre: number
  readonly #decoder: FaceDecoder
  readonly #model: MorphableModel
  readonly #inputSize: number
  readonly #units: FaceUnits
  readonly #raw: VertexPool
  /** The faces of up to nPre frames that were handed out, then of those that wait. */
  readonly #faces: (readonly TrackedFace[])[] = []
  readonly #waiting: TrackedFrame[] = []

  constructor(
    decoder: FaceDecoder,
    model: MorphableModel,
    inputSize: number,
    { nPre, nNext }: { nPre: number; nNext: number },
  ) {
    this.#decoder = decoder
    this.#model = model
    this.#inputSize = inputSize
    this.#units = faceUnits(model)
    this.#raw = new VertexPool(3 * model.vertexCount)
    this.#nPre = nPre
    this.latency = nNext
  }

  next(frame: TrackedFrame): TrackedFrame | undefined {
    const { dense } = this.#decoder
    this.#faces.push(frame.faces.map((f) => (dense ? { ...f, vertices: dense.decode(f, this.#raw.take()) } : f)))
    this.#waiting.push(frame)
    return this.#waiting.length > this.latency ? this.#emit() : undefined
  }

  finish(): TrackedFrame[] {
    const rest: TrackedFrame[] = []
    while (this.#waiting.length > 0) rest.push(this.#emit())
    return rest
  }

  #emit(): TrackedFrame {
    const at = this.#faces.length - this.#waiting.length
    const faces = this.#faces[at]!.map((face) => this.#mean(face, at))
    const frame = this.#waiting.shift()!
    while (this.#faces.length - this.#waiting.length > this.#nPre)
      for (const { vertices } of this.#faces.shift()!) if (vertices) this.#raw.give(vertices)
    return { ...frame, faces }
  }

  #mean(face: TrackedFace, at: number): TrackedFace {
    const faces = this.#neighbours(face, at)
    const frame = { roi: face.roi, inputSize: this.#inputSize }
    const states = faces.map((f) => toPicture(this.#model, this.#units.anchor, f.params, { ...frame, roi: f.roi }))
    const params = fromPicture(meanState(states), this.#units.anchor, frame)
    const { pose } = this.#decoder.decode(params, face.roi)
    const landmarks = meanInto(
      new Float32Array(face.landmarks.length),
      faces.map((f) => f.landmarks),
    )
    const { dense } = this.#decoder
    if (!dense) return { ...face, params, pose, landmarks }
    const vertices = meanInto(
      dense.take(),
      faces.map((f) => f.vertices!),
    )
    return { ...face, params, pose, landmarks, vertices }
  }

  /** The face in each frame of its mean, its own first. */
  #neighbours(face: TrackedFace, at: number): TrackedFace[] {
    const before = this.#walk(face, at, -1, this.#nPre)
    const after = this.#walk(face, at, 1, this.latency)
    const ahead = this.latency - this.#nPre
    const past = Math.max(0, Math.min(before.length, after.length - ahead))
    return [face, ...before.slice(0, past), ...after.slice(0, Math.max(0, past + ahead))]
  }

  /** The face in up to `count` frames from `at` on, to where it is not seen. */
  #walk({ id }: TrackedFace, at: number, step: 1 | -1, count: number): TrackedFace[] {
    const faces: TrackedFace[] = []
    while (faces.length < count) {
      const found = this.#faces[at + step * (faces.length + 1)]?.find((f) => f.id === id)
      if (!found) break
      faces.push(found)
    }
    return faces
  }
}

function meanState(states: readonly PictureState[]): PictureState {
  const mean = (pick: (s: PictureState) => ArrayLike<number>): Float64Array =>
    meanInto(new Float64Array(pick(states[0]!).length), states.map(pick))
  // The chordal mean on SO(3): the rotation nearest to the mean of the matrices. Opposite ones have none: then the frame's own stands.
  const turned = Array.from(mean((s) => s.rotation)) as unknown as Mat3
  return {
    rotation: hasNearestRotation(turned) ? nearestRotation(turned).rotation : states[0]!.rotation,
    logScale: mean((s) => [s.logScale])[0]!,
    position: mean((s) => s.position),
    stretch: mean((s) => s.stretch),
    shape: mean((s) => s.shape),
    expression: mean((s) => s.expression),
  }
}

function meanInto<T extends Float32Array | Float64Array>(out: T, lists: readonly ArrayLike<number>[]): T {
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let k = 0; k < lists.length; k++) sum += lists[k]![i]!
    out[i] = sum / lists.length
  }
  return out
}
