import type { Accessor, Animation, Document, Mesh, Node, Primitive, Scene, vec3, vec4 } from '@gltf-transform/core'
import { expressionNames } from '../edit/expression.ts'
import type { FaceAligner } from '../face-aligner.ts'
import { liningVertices, type MouthLining } from '../mesh/mouth-lining.ts'
import { reversed } from '../mesh/reversed.ts'
import type { MorphableModel } from '../model.ts'
import type { FaceKeyframes, SceneFrame } from './keyframes.ts'
import { createDocument, createMouth, createSkin, turnedOver } from './parts.ts'
import type { FaceTexture } from './picture.ts'

export type Engine = Pick<FaceAligner, 'model' | 'backend'>

type Path = 'translation' | 'rotation' | 'scale' | 'weights'

/** Puts the document together. What is the same for all faces is there once. */
export class AnimatedScene {
  readonly document: Document
  readonly #scene: Scene
  readonly #engine: Engine
  readonly #units: SceneFrame['units']
  readonly #animation: Animation
  readonly #indices: Accessor
  readonly #uv: Accessor
  readonly #targets: readonly Accessor[]
  readonly #lining: MouthLining | undefined
  readonly #mouthTargets: readonly Accessor[]
  /**
   * Largest absolute coefficient of each expression: its target is that far away, so that weights lie in [-1, 1]. Expressions that
   * have names keep their measure: weights are then coefficients, which other heads with the same names understand.
   */
  readonly #reach: readonly number[]

  constructor(
    engine: Engine,
    { picture, units }: SceneFrame,
    lining: MouthLining | undefined,
    faces: readonly FaceKeyframes[],
  ) {
    const { document, scene } = createDocument(picture, faces.length)
    this.document = document
    this.#scene = scene
    const { model } = engine
    this.#engine = engine
    this.#units = units
    this.#animation = document.createAnimation('video')
    this.#indices = this.#accessor('triangles', 'SCALAR', reversed(model.triangles))
    this.#uv = this.#accessor('uv', 'VEC2', model.uv.slice() as Float32Array<ArrayBuffer>)
    this.#reach = model.expressionNames?.map(() => 1) ?? expressionReach(model.expressionCount, faces)
    this.#targets = expressionNames(model).map((name, k) =>
      this.#accessor(name, 'VEC3', component(model, model.shapeCount + k, this.#reach[k]! / units.size)),
    )
    this.#lining = lining
    this.#mouthTargets = lining
      ? this.#targets.map((target) =>
          this.#accessor(target.getName(), 'VEC3', liningVertices(lining, target.getArray() as Float32Array)),
        )
      : []
  }

  addFace(id: number, keyframes: FaceKeyframes, texture: FaceTexture | undefined): void {
    const head = this.document.createNode(`head_${id}`).setMesh(this.#mesh(id, keyframes, texture))
    const face = this.document.createNode(`face_${id}`).addChild(head)
    this.#scene.addChild(face)
    const times = this.#accessor('times', 'SCALAR', keyframes.times.toArray())
    const channel = (path: Path, type: 'VEC3' | 'VEC4' | 'SCALAR', values: Float32Array<ArrayBuffer>): number[] => {
      this.#channel(head, path, times, this.#accessor(path, type, values), 'LINEAR')
      return [...values.subarray(0, values.length / keyframes.times.length)]
    }
    // What does not play stands as in its first frame.
    head.setTranslation(channel('translation', 'VEC3', keyframes.translations.toArray()) as vec3)
    head.setRotation(channel('rotation', 'VEC4', keyframes.rotations.toArray()) as vec4)
    head.setScale(channel('scale', 'VEC3', keyframes.scales.toArray()) as vec3)
    if (this.#reach.length > 0) head.setWeights(channel('weights', 'SCALAR', this.#weights(keyframes)))
    this.#presence(face, keyframes)
  }

  #mesh(id: number, keyframes: FaceKeyframes, texture: FaceTexture | undefined): Mesh {
    const { document } = this
    const { model, backend } = this.#engine
    const positions = shapeOf(model, keyframes.shape, this.#units.size)
    // Normals are made of meshes with y down.
    const normals = turnedOver(backend.vertexNormals({ vertices: turnedOver(positions), triangles: model.triangles }))
    const primitive = document
      .createPrimitive()
      .setMaterial(createSkin(document, texture))
      .setIndices(this.#indices)
      .setAttribute('POSITION', this.#accessor('positions', 'VEC3', positions))
      .setAttribute('NORMAL', this.#accessor('normals', 'VEC3', normals))
    if (texture) primitive.setAttribute('TEXCOORD_0', this.#uv)
    this.#addTargets(primitive, this.#targets)
    const mesh = document.createMesh(`face_${id}`).addPrimitive(primitive)
    if (this.#lining) {
      const place = this.#accessor('mouth', 'VEC3', liningVertices(this.#lining, positions))
      const mouth = createMouth(document, this.#lining, texture?.mouth).setAttribute('POSITION', place)
      this.#addTargets(mouth, this.#mouthTargets)
      mesh.addPrimitive(mouth)
    }
    const names = this.#targets.map((target) => target.getName())
    return mesh.setWeights(names.map(() => 0)).setExtras({ targetNames: names })
  }

  #addTargets(primitive: Primitive, targets: readonly Accessor[]): void {
    for (const target of targets)
      primitive.addTarget(this.document.createPrimitiveTarget(target.getName()).setAttribute('POSITION', target))
  }

  #weights({ expressions }: FaceKeyframes): Float32Array<ArrayBuffer> {
    return expressions.toArray().map((value, i) => value / this.#reach[i % this.#reach.length]!)
  }

  /** A face that is there all the time needs no keys for that. */
  #presence(face: Node, { switches }: FaceKeyframes): void {
    const times = [...switches.toArray()]
    if (times.length === 1 && times[0] === 0) return
    const scales = times.map((_, i) => (i + 1) % 2)
    if (times[0] !== 0) {
      times.unshift(0)
      scales.unshift(0)
    }
    this.#channel(
      face,
      'scale',
      this.#accessor('switches', 'SCALAR', Float32Array.from(times)),
      this.#accessor('presence', 'VEC3', Float32Array.from(scales.flatMap((scale) => [scale, scale, scale]))),
      'STEP',
    )
  }

  #channel(node: Node, path: Path, input: Accessor, output: Accessor, interpolation: 'LINEAR' | 'STEP'): void {
    const sampler = this.document
      .createAnimationSampler()
      .setInput(input)
      .setOutput(output)
      .setInterpolation(interpolation)
    const channel = this.document.createAnimationChannel().setTargetNode(node).setTargetPath(path).setSampler(sampler)
    this.#animation.addSampler(sampler).addChannel(channel)
  }

  #accessor(
    name: string,
    type: 'SCALAR' | 'VEC2' | 'VEC3' | 'VEC4',
    array: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  ): Accessor {
    return this.document.createAccessor(name).setType(type).setArray(array)
  }
}

function expressionReach(count: number, faces: readonly FaceKeyframes[]): number[] {
  const reach = new Array<number>(count).fill(0)
  for (const { expressions } of faces)
    expressions.toArray().forEach((value, i) => {
      reach[i % count] = Math.max(reach[i % count]!, Math.abs(value))
    })
  return reach.map((value) => value || 1)
}

/** [3n] one component of the basis, times `factor`. */
function component(model: MorphableModel, k: number, factor: number): Float32Array<ArrayBuffer> {
  const n = 3 * model.vertexCount
  return new Float32Array(model.basis.subarray(k * n, (k + 1) * n)).map((v) => v * factor)
}

/** [3n] the face of these shape coefficients without expression, mesh units. */
function shapeOf(model: MorphableModel, shape: Float64Array, unit: number): Float32Array<ArrayBuffer> {
  const n = 3 * model.vertexCount
  const sum = Float64Array.from(model.mean)
  shape.forEach((coefficient, k) => {
    for (let i = 0; i < n; i++) sum[i]! += coefficient * model.basis[k * n + i]!
  })
  return Float32Array.from(sum, (v) => v / unit)
}
