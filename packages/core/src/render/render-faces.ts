import { checkIndices } from '../arrays.ts'
import { type Backend, LIGHT_DEFAULTS, type Light, type RenderTarget } from '../backend.ts'
import { checkBackend } from '../backend-arguments.ts'
import { checkFaces } from '../check-face.ts'
import { checkImage, checkPicture, type ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { type DenseFace, verticesOf } from './dense-face.ts'
import { groupOverlapping } from './group-overlapping.ts'
import { RenderScratch } from './render-scratch.ts'
import { clippedBox, createRenderTarget } from './render-target.ts'

/** One z-buffer for all faces of a picture; face f has the triangle ids from f times the model's triangle count on. */
export function rasterizeFaces(
  picture: { readonly width: number; readonly height: number },
  faces: readonly DenseFace[],
  model: Pick<MorphableModel, 'triangles'>,
  backend: Backend,
): RenderTarget {
  checkParts(faces, model, backend)
  return rasterizeInto(createRenderTarget(picture, faces.map(verticesOf)), faces, model, backend)
}

function checkParts(faces: readonly DenseFace[], model: Pick<MorphableModel, 'triangles'>, backend: Backend): void {
  checkFaces(faces)
  checkIndices(model?.triangles, 'model.triangles')
  checkBackend(backend)
}

function rasterizeInto(
  target: RenderTarget,
  faces: readonly DenseFace[],
  model: Pick<MorphableModel, 'triangles'>,
  backend: Backend,
): RenderTarget {
  const count = model.triangles.length / 3
  faces.forEach((face, f) => {
    backend.rasterize({ vertices: verticesOf(face), triangles: model.triangles }, target, f * count)
  })
  return target
}

function paint(
  image: ImageView,
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
  opacity: number,
  scratch: RenderScratch,
  colorsOf: (vertices: Float32Array) => Float32Array,
): void {
  checkImage(image)
  const count = model.triangles.length / 3
  // Faces that lie apart cannot cover each other: small targets of their own are cheaper than one over all of them.
  for (const group of groupOverlapping(faces, backend)) {
    const target = rasterizeInto(scratch.target(image, group.box), group.faces, model, backend)
    group.faces.forEach((face, f) => {
      const mesh = { vertices: verticesOf(face), triangles: model.triangles }
      backend.shade(mesh, colorsOf(mesh.vertices), target, image, opacity, f * count)
    })
  }
}

export interface RenderOptions {
  /** Memory of an earlier call to take again. */
  readonly scratch?: RenderScratch | undefined
}

export interface ShadedOptions extends RenderOptions {
  /** Share of the mesh in the result, [0, 1]; 0.6 unless given, as the reference. */
  readonly opacity?: number | undefined
  /** `LIGHT_DEFAULTS` unless given. */
  readonly light?: Light | undefined
  /** Light added everywhere, of a colour: RGB in [0, 1], on top of `light`. None unless given. */
  readonly tint?: readonly [number, number, number] | undefined
}

/** Draws the lit meshes onto `image`, in place (3DDFA_V2's `3d`). */
export function renderShaded(
  image: ImageView,
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
  { opacity = 0.6, light = LIGHT_DEFAULTS, tint, scratch = new RenderScratch() }: ShadedOptions = {},
): void {
  checkImage(image)
  checkParts(faces, model, backend)
  if (backend.drawLit && !tint) {
    for (const { box, faces: group } of groupOverlapping(faces, backend))
      backend.drawLit(model, group.map(verticesOf), clippedBox(image, box), image, light, opacity)
    return
  }
  const normals = scratch.normals(3 * model.vertexCount)
  const colors = scratch.colors(3 * model.vertexCount)
  paint(image, faces, model, backend, opacity, scratch, (vertices) => {
    const mesh = { vertices, triangles: model.triangles }
    backend.light(mesh, backend.vertexNormals(mesh, normals), light, colors)
    if (tint) for (let i = 0; i < colors.length; i++) colors[i]! += tint[i % 3]!
    return colors
  })
}

/** Draws each face's depth onto `image`, in place: its nearest point white, its farthest black. */
export function renderDepth(
  image: ImageView,
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
  { scratch = new RenderScratch() }: RenderOptions = {},
): void {
  checkParts(faces, model, backend)
  const colors = scratch.colors(3 * model.vertexCount)
  paint(image, faces, model, backend, 1, scratch, (vertices) => depthColors(vertices, colors))
}

/** Draws the projected normalised coordinate codes onto `image`, in place: blue, green, red are the mean face's x, y, z, as in the reference's pictures. */
export function renderPncc(
  image: ImageView,
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
  { scratch = new RenderScratch() }: RenderOptions = {},
): void {
  checkParts(faces, model, backend)
  const colors = scratch.colors(model.ncc.length)
  colors.set(model.ncc)
  for (let i = 0; i < colors.length; i += 3) {
    colors[i] = model.ncc[i + 2]!
    colors[i + 2] = model.ncc[i]!
  }
  paint(image, faces, model, backend, 1, scratch, () => colors)
}

/** Depth of a whole picture: [width * height] z in pixels (larger is nearer, each face's farthest point 0), -Infinity where no face is. */
export function depthMap(
  picture: { readonly width: number; readonly height: number },
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
): Float32Array {
  checkPicture(picture)
  const map = new Float32Array(picture.width * picture.height).fill(-Infinity)
  const target = rasterizeFaces(picture, faces, model, backend)
  for (let row = 0; row < target.height; row++)
    map.set(
      target.depth.subarray(row * target.width, (row + 1) * target.width),
      (target.y + row) * picture.width + target.x,
    )
  return map
}

function depthColors(vertices: Float32Array, colors: Float32Array): Float32Array {
  let [near, far] = [-Infinity, Infinity]
  for (let i = 2; i < vertices.length; i += 3) {
    near = Math.max(near, vertices[i]!)
    far = Math.min(far, vertices[i]!)
  }
  const range = near > far ? near - far : 1
  for (let i = 0; i < vertices.length; i += 3) colors.fill((vertices[i + 2]! - far) / range, i, i + 3)
  return colors
}
