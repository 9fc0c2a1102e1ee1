import { type Backend, LIGHT_DEFAULTS, type Light, type RenderTarget } from '../backend.ts'
import { expect } from '../errors.ts'
import type { Face } from '../face-aligner.ts'
import type { ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { type Box, boundingBox, createRenderTarget } from './render-target.ts'

/** What is drawn: faces with their dense vertices. */
export type DenseFace = Pick<Face, 'vertices'>

/** @throws {InvalidInputError} when the face was aligned without `dense: true`. */
export function verticesOf(face: DenseFace): Float32Array {
  expect(face.vertices !== undefined, 'face.vertices', 'dense vertices (align with `dense: true`)', undefined)
  return face.vertices
}

/** One z-buffer for all faces of a picture; face f has the triangle ids from f times the model's triangle count on. */
export function rasterizeFaces(
  picture: { readonly width: number; readonly height: number },
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
): RenderTarget {
  const target = createRenderTarget(picture, faces.map(verticesOf))
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
  colorsOf: (vertices: Float32Array) => Float32Array,
): void {
  const count = model.triangles.length / 3
  // Faces that lie apart cannot cover each other: small targets of their own are cheaper than one over all of them.
  for (const group of groupOverlapping(faces)) {
    const target = rasterizeFaces(image, group, model, backend)
    group.forEach((face, f) => {
      const mesh = { vertices: verticesOf(face), triangles: model.triangles }
      backend.shade(mesh, colorsOf(mesh.vertices), target, image, opacity, f * count)
    })
  }
}

/** Faces in groups such that faces of different groups have disjoint bounding boxes; order is kept within a group. */
export function groupOverlapping<T extends DenseFace>(faces: readonly T[]): T[][] {
  let groups: { box: Box; members: number[] }[] = []
  faces.forEach((face, index) => {
    let merged = { box: boundingBox([verticesOf(face)]), members: [index] }
    // A union may reach a group that none of its parts did: start over until nothing joins.
    for (let joined = true; joined; ) {
      const touching = groups.filter(({ box }) => overlaps(box, merged.box))
      joined = touching.length > 0
      groups = groups.filter((group) => !touching.includes(group))
      for (const { box, members } of touching)
        merged = { box: union(box, merged.box), members: [...members, ...merged.members] }
    }
    groups.push(merged)
  })
  return groups.map(({ members }) => members.sort((a, b) => a - b).map((i) => faces[i]!))
}

const overlaps = (a: Box, b: Box): boolean => a.x1 <= b.x2 && b.x1 <= a.x2 && a.y1 <= b.y2 && b.y1 <= a.y2
const union = (a: Box, b: Box): Box => ({
  x1: Math.min(a.x1, b.x1),
  y1: Math.min(a.y1, b.y1),
  x2: Math.max(a.x2, b.x2),
  y2: Math.max(a.y2, b.y2),
})

export interface ShadedOptions {
  /** Share of the mesh in the result, [0, 1]; 0.6 unless given, as the reference. */
  readonly opacity?: number
  readonly light?: Light
}

/** Draws the lit meshes onto `image`, in place (3DDFA_V2's `3d`). */
export function renderShaded(
  image: ImageView,
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
  { opacity = 0.6, light = LIGHT_DEFAULTS }: ShadedOptions = {},
): void {
  const normals = new Float32Array(3 * model.vertexCount)
  const colors = new Float32Array(3 * model.vertexCount)
  paint(image, faces, model, backend, opacity, (vertices) => {
    const mesh = { vertices, triangles: model.triangles }
    return backend.light(mesh, backend.vertexNormals(mesh, normals), light, colors)
  })
}

/** Draws each face's depth onto `image`, in place: its nearest point white, its farthest black. */
export function renderDepth(
  image: ImageView,
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
): void {
  paint(image, faces, model, backend, 1, depthColors)
}

/** Draws the projected normalised coordinate codes onto `image`, in place: blue, green, red are the mean face's x, y, z, as in the reference's pictures. */
export function renderPncc(
  image: ImageView,
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
): void {
  const colors = model.ncc.slice()
  for (let i = 0; i < colors.length; i += 3) {
    colors[i] = model.ncc[i + 2]!
    colors[i + 2] = model.ncc[i]!
  }
  paint(image, faces, model, backend, 1, () => colors)
}

/** Depth of a whole picture: [width * height] z in pixels (larger is nearer, each face's farthest point 0), -Infinity where no face is. */
export function depthMap(
  picture: { readonly width: number; readonly height: number },
  faces: readonly DenseFace[],
  model: MorphableModel,
  backend: Backend,
): Float32Array {
  const map = new Float32Array(picture.width * picture.height).fill(-Infinity)
  const target = rasterizeFaces(picture, faces, model, backend)
  for (let row = 0; row < target.height; row++)
    map.set(
      target.depth.subarray(row * target.width, (row + 1) * target.width),
      (target.y + row) * picture.width + target.x,
    )
  return map
}

function depthColors(vertices: Float32Array): Float32Array {
  let [near, far] = [-Infinity, Infinity]
  for (let i = 2; i < vertices.length; i += 3) {
    near = Math.max(near, vertices[i]!)
    far = Math.min(far, vertices[i]!)
  }
  const colors = new Float32Array(vertices.length)
  const range = near > far ? near - far : 1
  for (let i = 0; i < vertices.length; i += 3) colors.fill((vertices[i + 2]! - far) / range, i, i + 3)
  return colors
}
