import {
  type Backend,
  copyImage,
  createImage,
  createUvChart,
  type Face,
  type FaceMesh,
  type HiddenTexels,
  type ImageView,
  type MorphableModel,
  rasterizeFaces,
  uvTexture,
  verticesOf,
} from '@3ddfa/core'
import { encodePng } from '../png.ts'

/** How outputs look; see the options of `align`. */
export interface OutputSettings {
  readonly opacity: number
  readonly background: 'photo' | 'black'
  readonly textureSize: number
  readonly hidden: HiddenTexels
  readonly ply: 'binary' | 'ascii'
  readonly obj: 'colors' | 'plain' | 'textured'
}

/** An aligned picture. What several outputs need is made once, when the first of them asks. */
export class Scene {
  readonly image: ImageView
  readonly faces: readonly Face[]
  readonly model: MorphableModel
  readonly backend: Backend
  readonly settings: OutputSettings
  #textures: ImageView[] | undefined
  #texturePngs: Promise<Buffer[]> | undefined

  constructor(
    image: ImageView,
    faces: readonly Face[],
    engine: { readonly model: MorphableModel; readonly backend: Backend },
    settings: OutputSettings,
  ) {
    this.image = image
    this.faces = faces
    this.model = engine.model
    this.backend = engine.backend
    this.settings = settings
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
    return this.faces.map((face) => ({ vertices: verticesOf(face), triangles: this.model.triangles }))
  }

  /** One UV texture a face. */
  textures(): readonly ImageView[] {
    this.#textures ??= this.#unwrap()
    return this.#textures
  }

  texturePngs(): Promise<readonly Buffer[]> {
    this.#texturePngs ??= Promise.all(this.textures().map(encodePng))
    return this.#texturePngs
  }

  #unwrap(): ImageView[] {
    const { textureSize: size, hidden } = this.settings
    // Only with all faces in one z-buffer is skin behind another face known to be hidden.
    const target = hidden === 'keep' ? undefined : rasterizeFaces(this.image, this.faces, this.model, this.backend)
    const chart = createUvChart(this.model, size, this.backend)
    const options = { chart, hidden, ...(target && { target }) }
    return this.faces.map((face) => uvTexture(this.image, verticesOf(face), this.model, this.backend, options))
  }
}
