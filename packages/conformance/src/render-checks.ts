import {
  type Backend,
  boundingBox,
  copyImage,
  createImage,
  type ImageView,
  LIGHT_DEFAULTS,
  type RenderTarget,
} from '@3ddfa/core'
import { type Check, emptyTarget, rasterized } from './check.ts'
import { compareBits, firstOf, inPicture } from './compare.ts'
import type { Scene } from './scene.ts'
import { seeded } from './seeded.ts'

/** For each scene the same triangle ids, then depth bits, then colour bytes as the reference; then normals and light. */
export function renderChecks(scenes: readonly Scene[]): Check[] {
  return scenes.flatMap((scene) => [
    { name: `${scene.name}: ids, depth, colours`, run: (a, b) => firstOf(renderings(scene, a, b)) },
    { name: `${scene.name}: normals, light`, run: (a, b) => firstOf(lightings(scene, a, b)) },
    { name: `${scene.name}: bounding box`, run: (a) => bounds(scene, a) },
    { name: `${scene.name}: the same through any window`, run: (a) => firstOf(windows(scene, a)) },
  ])
}

/** Backends may have none; those that do give core's. */
function bounds({ mesh: { vertices } }: Scene, backend: Backend): string | undefined {
  const actual = backend.boundingBox?.(vertices)
  const expected = boundingBox(vertices)
  const same = !actual || (['x1', 'y1', 'x2', 'y2'] as const).every((side) => actual[side] === expected[side])
  return same ? undefined : `box ${JSON.stringify(actual)} in place of ${JSON.stringify(expected)}`
}

function* renderings(scene: Scene, backend: Backend, reference: Backend): Generator<string | undefined> {
  const { mesh, width, height } = scene
  // The second window hangs over the picture's corner, the third begins inside it.
  for (const [x, y] of [
    [0, 0],
    [-9, -7],
    [11, 5],
  ] as const) {
    const [actual, expected] = [backend, reference].map((b) => {
      const target = emptyTarget(width, height, x, y)
      // Two meshes in one target: the same one again at ids that come first, so that equal depth is met everywhere.
      rasterized(b, mesh, target, 1000)
      return rasterized(b, mesh, target, 500)
    }) as [RenderTarget, RenderTarget]
    const place = inPicture(width)
    yield compareBits('triangle ids', actual.triangleIds, expected.triangleIds, place)
    yield compareBits('depth', actual.depth, expected.depth, place)
    for (const channels of [3, 4] as const)
      for (const opacity of [1, 0.6, 0]) {
        const [a, b] = [backend, reference].map((r) => painted(scene, r, expected, channels, opacity))
        yield compareBits(`colours at opacity ${opacity}`, a!.data, b!.data, inPicture(width, channels))
      }
    const scattered = scatter(scene, expected)
    const [a, b] = [backend, reference].map((r) => painted(scene, r, scattered, 3, 0.6))
    yield compareBits('colours of triangles where they do not lie', a!.data, b!.data, inPicture(width, 3))
  }
}

/** Ids that no rasteriser writes: of any triangle, broken ones too, at any pixel, and some that belong to no triangle. */
function scatter({ mesh }: Scene, target: RenderTarget): RenderTarget {
  const { below } = seeded(mesh.triangles.length)
  const count = mesh.triangles.length / 3
  return { ...target, triangleIds: target.triangleIds.map(() => 490 + below(count + 20)) }
}

function painted(
  { mesh, colors, width, height }: Scene,
  backend: Backend,
  target: RenderTarget,
  channels: 3 | 4,
  opacity: number,
): ImageView {
  const image = noise(width, height, channels)
  backend.shade(mesh, colors, target, image, opacity, 500)
  return image
}

function* lightings({ mesh }: Scene, backend: Backend, reference: Backend): Generator<string | undefined> {
  const normals = reference.vertexNormals(mesh)
  yield compareBits('normals', backend.vertexNormals(mesh), normals)
  for (const light of [
    LIGHT_DEFAULTS,
    { ambient: 0, directional: 1, specular: 1, position: [3, -2, 0.5] as const },
    { ambient: 1, directional: 0.7, specular: 0.3, position: [0, 0, 0] as const },
  ])
    yield compareBits('light', backend.light(mesh, normals, light), reference.light(mesh, normals, light))
}

/** A window shows what a larger one shows in its place. */
function* windows({ mesh, width, height }: Scene, backend: Backend): Generator<string | undefined> {
  const whole = rasterized(backend, mesh, emptyTarget(width, height))
  for (const [x, y, w, h] of [
    [7, 9, 20, 13],
    [0, 0, 1, 1],
    [width - 5, height - 3, 5, 3],
  ] as const) {
    const part = rasterized(backend, mesh, emptyTarget(w, h, x, y))
    const cut = <T extends Int32Array | Float32Array>(data: T): T =>
      part.depth.length ? (data.filter((_, i) => inside(i % width, Math.floor(i / width))) as T) : data
    const inside = (i: number, j: number): boolean => i >= x && i < x + w && j >= y && j < y + h
    yield compareBits(`ids of window ${x} ${y}`, part.triangleIds, cut(whole.triangleIds), inPicture(w))
    yield compareBits(`depth of window ${x} ${y}`, part.depth, cut(whole.depth), inPicture(w))
  }
}

/** A seeded picture. */
export function noise(width: number, height: number, channels: 3 | 4 = 3): ImageView {
  const { below } = seeded(width * height)
  const image = copyImage(createImage(width, height, channels))
  for (let i = 0; i < image.data.length; i++) image.data[i] = below(256)
  return image
}
