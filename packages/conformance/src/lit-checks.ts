import {
  type Backend,
  type ImageView,
  InvalidInputError,
  LIGHT_DEFAULTS,
  type Light,
  type RenderWindow,
  type Topology,
} from '@3ddfa/core'
import { throws } from './argument-checks.ts'
import { type Check, emptyTarget } from './check.ts'
import { compareBits, firstOf, inPicture } from './compare.ts'
import { noise } from './render-checks.ts'
import type { Scene } from './scene.ts'

const LIGHT_FROM_ASIDE: Light = { ambient: 0.1, directional: 1, specular: 0.5, position: [3, -2, 0.5] }

/** `drawLit`, of backends that have it, gives what the reference's single kernels give. */
export function litChecks(scenes: readonly Scene[]): Check[] {
  const checks = scenes.map((scene) => ({
    name: `${scene.name}: lit in one go`,
    run: (a: Backend, b: Backend) => (a.drawLit ? firstOf(pictures(scene, a, b)) : undefined),
  }))
  return [...checks, ...refusals()]
}

function* pictures({ mesh, width, height }: Scene, backend: Backend, reference: Backend) {
  const topology = { vertexCount: mesh.vertices.length / 3, triangles: mesh.triangles }
  // The same again, where equal depths are met everywhere, and another that crosses both.
  const aside = mesh.vertices.map((v, i) => (i % 3 === 2 ? v + 2 : v - 7.3))
  const faces = [mesh.vertices, mesh.vertices, aside]
  for (const [x, y, w, h, channels, opacity, light] of [
    [0, 0, width, height, 3, 0.6, LIGHT_DEFAULTS],
    [0, 0, width, height, 4, 1, LIGHT_FROM_ASIDE],
    [7, 9, 37, 13, 4, 0.6, LIGHT_DEFAULTS],
    [width - 1, height - 1, 1, 1, 3, 1, LIGHT_DEFAULTS],
    [5, 5, 0, 0, 4, 0, LIGHT_DEFAULTS],
  ] as const) {
    const window = { x, y, width: w, height: h }
    const [actual, expected] = [noise(width, height, channels), noise(width, height, channels)]
    backend.drawLit!(topology, faces, window, actual, light, opacity)
    composed(reference, topology, faces, window, expected, light, opacity)
    const what = `window ${x} ${y} ${w} ${h} at opacity ${opacity}`
    yield compareBits(what, actual.data, expected.data, inPicture(width, channels))
  }
}

/** What `Backend.drawLit` says that it does. */
function composed(
  backend: Backend,
  { triangles }: Topology,
  faces: readonly Float32Array[],
  { x, y, width, height }: RenderWindow,
  image: ImageView,
  light: Light,
  opacity: number,
): void {
  const target = emptyTarget(width, height, x, y)
  const meshes = faces.map((vertices) => ({ vertices, triangles }))
  const count = triangles.length / 3
  for (const [f, mesh] of meshes.entries()) backend.rasterize(mesh, target, f * count)
  for (const [f, mesh] of meshes.entries()) {
    const colors = backend.light(mesh, backend.vertexNormals(mesh), light)
    backend.shade(mesh, colors, target, image, opacity, f * count)
  }
}

const topology = { vertexCount: 3, triangles: Uint32Array.of(0, 1, 2) }
const face = new Float32Array(9)
const window = { x: 0, y: 0, width: 4, height: 4 }
const image = noise(4, 4)

type Call = Parameters<NonNullable<Backend['drawLit']>>

const REFUSED: Record<string, Call> = {
  'an index beyond the vertices': [{ ...topology, vertexCount: 2 }, [face.subarray(3)], window, image, LIGHT_DEFAULTS],
  'fewer vertices than it says': [{ ...topology, vertexCount: 2 ** 31 }, [face], window, image, LIGHT_DEFAULTS],
  'a short face': [topology, [face, face.subarray(3)], window, image, LIGHT_DEFAULTS],
  'indices that are no threes': [{ ...topology, triangles: new Uint32Array(4) }, [face], window, image, LIGHT_DEFAULTS],
  'a window beyond the picture': [topology, [face], { ...window, y: 1 }, image, LIGHT_DEFAULTS],
  'a window before the picture': [topology, [face], { ...window, x: -1 }, image, LIGHT_DEFAULTS],
  'a window of negative width': [topology, [face], { ...window, width: -4 }, image, LIGHT_DEFAULTS],
  'a window between pixels': [topology, [face], { ...window, width: 3.5 }, image, LIGHT_DEFAULTS],
  'a window out of reach': [topology, [face], { ...window, x: 2 ** 32 }, image, LIGHT_DEFAULTS],
  'a picture without its last row': [topology, [face], window, { ...image, height: 5 }, LIGHT_DEFAULTS],
  'an opacity above 1': [topology, [face], window, image, LIGHT_DEFAULTS, 1.5],
}

function refusals(): Check[] {
  return Object.entries(REFUSED).map(([name, call]) => ({
    name: `refuses ${name}, lit in one go`,
    run: (backend) => (backend.drawLit ? throws(() => backend.drawLit!(...call), InvalidInputError) : undefined),
  }))
}
