import {
  type Backend,
  copyImage,
  createImage,
  createUvChart,
  expressionTargets,
  type Face,
  type FaceAligner,
  type FaceMesh,
  faceSize,
  type HiddenTexels,
  type ImageView,
  type MorphableModel,
  type MorphTarget,
  type PlyFormat,
  type PoseDrawing,
  rasterizeFaces,
  type StyleName,
  uvTexture,
  vertexVisibility,
} from '@3ddfa/core'
import { encodePng } from '../png.ts'
import type { Surface } from './surface.ts'

/** How outputs look; see the options of `align`. */
export interface OutputSettings {
  readonly style: StyleName
  readonly poseAs: PoseDrawing
  /** Each face's number beside it, in drawings that are no data. */
  readonly numbers?: boolean | undefined
  /** The style's unless given. */
  readonly opacity?: number | undefined
  readonly background: 'photo' | 'black'
  /** Side of textures. Unless given 256 in pictures of textures, as 3DDFA_V2, and on meshes what the face has in the photo. */
  readonly textureSize?: number | undefined
  /** Unless given `keep` in pictures of textures, as 3DDFA_V2, and `mirror` on meshes, which are looked at from the side. */
  readonly hidden?: HiddenTexels | undefined
  readonly ply: PlyFormat
  readonly obj: 'colors' | 'plain' | 'textured'
  /** Expressions as morph targets in .glb. */
  readonly morphTargets?: boolean | undefined
  /** Side of position maps. */
  readonly posmapSize: number
  /** The mesh of all outputs but 2d_dense, 3d, depth and pncc. */
  readonly surface: Surface
}

const PICTURE_SIZE = 256
/** Sides of a mesh's texture: the least that is not below the face's size in the photo, of a larger one the last. */
const MESH_SIZES = [256, 512, 1024] as const

/** An aligned picture. What several outputs need is made once, when the first of them asks. */
export class Scene {
  readonly image: ImageView
  readonly faces: readonly Face[]
  readonly model: MorphableModel
  readonly backend: Backend
  readonly settings: OutputSettings
  readonly surface: Surface
  readonly #inputSize: number
  #visibilities: Uint8Array[] | undefined
  readonly #textures = new Map<string, ImageView[]>()
  #texturePngs: Promise<Buffer[]> | undefined

  constructor(
    image: ImageView,
    faces: readonly Face[],
    engine: Pick<FaceAligner, 'model' | 'backend' | 'meshRegressor'>,
    settings: OutputSettings,
  ) {
    this.image = image
    this.faces = faces
    this.model = engine.model
    this.backend = engine.backend
    this.#inputSize = engine.meshRegressor.inputSize
    this.settings = settings
    this.surface = settings.surface
  }

  /** A picture to draw on: the photo's copy. */
  photo(): ImageView {
    return copyImage(this.image)
  }

  /** A picture to draw on, as --background asks. */
  canvas(): ImageView {
    return this.settings.background === 'black' ? createImage(this.image.width, this.image.height) : this.photo()
  }

  /** Vertices and triangles of each face. */
  meshes(): FaceMesh[] {
    const { triangles } = this.surface.mesh
    return this.faces.map((face) => ({ vertices: this.surface.verticesOf(face), triangles }))
  }

  /** How each face's expressions move its mesh. */
  expressionTargets(): MorphTarget[][] {
    return this.faces.map(({ params, roi }) => {
      const targets = expressionTargets(this.model, params, { roi, inputSize: this.#inputSize })
      // Another mesh's vertices are means of the model's, and so are their offsets.
      return targets.map((target) => ({ ...target, offsets: this.surface.verticesOf({ vertices: target.offsets }) }))
    })
  }

  /** The longer side of a face's bounding box, pixels. */
  faceSize(face: Face): number {
    return faceSize(this.surface.verticesOf(face))
  }

  /** Of each face: 1 for vertices that neither it nor another face hides. */
  visibilities(): readonly Uint8Array[] {
    if (!this.#visibilities) {
      const meshes = this.meshes()
      this.#visibilities = meshes.map((mesh, i) =>
        vertexVisibility(mesh, this.image, this.backend, { occluders: meshes.filter((_, other) => other !== i) }),
      )
    }
    return this.#visibilities
  }

  /** One UV texture a face, to be looked at itself or on its mesh. */
  textures(use: 'picture' | 'mesh'): readonly ImageView[] {
    const { hidden = use === 'mesh' ? 'mirror' : 'keep', textureSize } = this.settings
    const sizes = this.faces.map((face) => textureSize ?? (use === 'mesh' ? this.#meshTextureSize(face) : PICTURE_SIZE))
    const key = [hidden, ...sizes].join(' ')
    const textures = this.#textures.get(key) ?? this.#unwrap(hidden, sizes)
    this.#textures.set(key, textures)
    return textures
  }

  /** Of meshes. */
  texturePngs(): Promise<readonly Buffer[]> {
    this.#texturePngs ??= Promise.all(this.textures('mesh').map(encodePng))
    return this.#texturePngs
  }

  #meshTextureSize(face: Face): number {
    const size = this.faceSize(face)
    return MESH_SIZES.find((side) => side >= size) ?? MESH_SIZES.at(-1)!
  }

  #unwrap(hidden: HiddenTexels, sizes: readonly number[]): ImageView[] {
    const { mesh } = this.surface
    const meshes = this.meshes()
    const charts = new Map([...new Set(sizes)].map((size) => [size, createUvChart(mesh, size, this.backend)]))
    // Only with all faces in one z-buffer is skin behind another face known to be hidden.
    const target = hidden === 'keep' ? undefined : rasterizeFaces(this.image, meshes, mesh, this.backend)
    return meshes.map(({ vertices }, i) => {
      const options = { chart: charts.get(sizes[i]!)!, hidden, ...(target && { target }) }
      return uvTexture(this.image, vertices, mesh, this.backend, options)
    })
  }
}
