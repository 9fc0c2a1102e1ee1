import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../../scripts/shared.mjs'
import type { MeshView } from '../backend.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { interleave, parseNpy, random } from '../testing.ts'
import { toyFace } from '../toy-face.ts'
import { landmarkVisibility, vertexVisibility } from './vertex-visibility.ts'

const backend = new ReferenceBackend()
const next = random(11)

type Vec = readonly [number, number, number]
const sub = (a: Vec, b: Vec): Vec => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const dot = (a: Vec, b: Vec) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const cross = (a: Vec, b: Vec): Vec => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]

/** Distance along +z from `origin` to a triangle (Moeller and Trumbore 1997), or undefined. */
function hit(origin: Vec, a: Vec, b: Vec, c: Vec): number | undefined {
  const [e1, e2, direction] = [sub(b, a), sub(c, a), [0, 0, 1] as const]
  const p = cross(direction, e2)
  const determinant = dot(e1, p)
  if (determinant === 0) return undefined
  const t = sub(origin, a)
  const u = dot(t, p) / determinant
  const q = cross(t, e1)
  const v = dot(direction, q) / determinant
  return u >= 0 && v >= 0 && u + v <= 1 ? dot(e2, q) / determinant : undefined
}

/** Every triangle against the ray of one vertex. */
function bruteForce(
  meshes: readonly MeshView[],
  i: number,
  picture: { width: number; height: number },
  margin: number,
) {
  const at = (mesh: MeshView, v: number): Vec => [0, 1, 2].map((k) => mesh.vertices[3 * v + k]!) as unknown as Vec
  const origin = at(meshes[0]!, i)
  if (origin[0] < -0.5 || origin[1] < -0.5 || origin[0] > picture.width - 0.5 || origin[1] > picture.height - 0.5)
    return 0
  for (const { vertices: v, triangles } of meshes)
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!]
      // Left of it, or right of it: plainly missed. Most are, and the rest of the test costs much more.
      const [ax, bx, cx] = [v[a]! - origin[0], v[b]! - origin[0], v[c]! - origin[0]]
      if ((ax < 0 && bx < 0 && cx < 0) || (ax > 0 && bx > 0 && cx > 0)) continue
      const corner = (at: number): Vec => [v[at]!, v[at + 1]!, v[at + 2]!]
      const distance = hit(origin, corner(a), corner(b), corner(c))
      if (distance !== undefined && distance > margin) return 0
    }
  return 1
}

const depthRange = (vertices: Float32Array) => {
  const z = vertices.filter((_, i) => i % 3 === 2)
  return z.reduce((a, b) => Math.max(a, b)) - z.reduce((a, b) => Math.min(a, b))
}

/** Asserts that the test and brute force agree on every `step`-th vertex that faces the viewer. @returns how many are seen and hidden. */
function compare(meshes: readonly MeshView[], picture: { width: number; height: number }, step: number) {
  const [mesh, ...occluders] = meshes
  const visible = vertexVisibility(mesh!, picture, backend, { occluders })
  const normals = backend.vertexNormals(mesh!)
  const margin = 0.001 * depthRange(mesh!.vertices)
  const counts = { seen: 0, hidden: 0, facingAway: 0 }
  for (let i = 0; i < visible.length; i += step) {
    if (!(normals[3 * i + 2]! > 0)) {
      expect(visible[i]).toBe(0)
      counts.facingAway++
      continue
    }
    const expected = bruteForce(meshes, i, picture, margin)
    if (visible[i] !== expected) expect.fail(`vertex ${i}: ${visible[i]} where brute force says ${expected}`)
    counts[expected ? 'seen' : 'hidden']++
  }
  return counts
}

/** A dome with a random bump on every vertex, so that it hides parts of itself. */
function bumpy(yaw: number, cx = 60): MeshView {
  const { model, vertices } = toyFace({ yaw, cx })
  return { vertices: vertices.map((v, i) => v + (i % 3 === 2 ? 6 : 4) * next()), triangles: model.triangles }
}

describe('vertexVisibility', () => {
  it.each([0, 0.4, 0.9, 1.4, -0.7])('equals a ray test against every triangle (turned by %f rad)', (yaw) => {
    const counts = compare([bumpy(yaw)], { width: 120, height: 100 }, 1)
    expect(counts.seen).toBeGreaterThan(100)
    expect(counts.hidden).toBeGreaterThan(10)
  })

  it('equals it with another face in front, and at the picture’s border', () => {
    const front = bumpy(0.2, 90)
    const raised = { ...front, vertices: front.vertices.map((v, i) => (i % 3 === 2 ? v + 100 : v)) }
    const alone = compare([bumpy(0.3)], { width: 80, height: 100 }, 1)
    const both = compare([bumpy(0.3), raised], { width: 80, height: 100 }, 1)
    expect(both.hidden).toBeGreaterThan(alone.hidden + 200)
  })

  it('tells of the landmarks by themselves and their neighbours', () => {
    // A fan around vertex 0, and one triangle apart.
    const triangles = Uint32Array.of(0, 1, 2, 0, 2, 3, 0, 3, 4, 0, 4, 1, 5, 6, 7)
    const mesh = { landmarks: Uint32Array.of(0, 1, 5, 8), triangles }
    const of = (...seen: number[]) =>
      landmarkVisibility(
        mesh,
        Uint8Array.from({ length: 9 }, (_, i) => (seen.includes(i) ? 1 : 0)),
      ).join('')
    expect(of()).toBe('0000')
    expect(of(0)).toBe('1000')
    // One of four neighbours, two of four.
    expect(of(1)).toBe('0100')
    expect(of(1, 2)).toBe('1100')
    expect(of(6)).toBe('0010')
    expect(of(8)).toBe('0001')
  })

  it('hides no vertex behind its own triangles, with no margin either', () => {
    const columns = 41
    const at = (i: number): [number, number] => [i % columns, Math.floor(i / columns)]
    const vertices = Float32Array.from({ length: 3 * columns ** 2 }, (_, i) => {
      const [x, y] = at(Math.floor(i / 3))
      const z = 20 + 10 * Math.sin(x / 9) * Math.cos(y / 7)
      return [x * 3.3 + 0.37 * Math.sin(y), y * 2.9 + 0.4 * Math.cos(x * 3), z][i % 3]!
    })
    const cells = Array.from({ length: columns ** 2 }, (_, i) => i).filter((i) => at(i).every((k) => k + 1 < columns))
    const triangles = cells.flatMap((a) => [a, a + 1, a + columns, a + 1, a + columns + 1, a + columns])
    const mesh = { vertices, triangles: Uint32Array.from(triangles) }
    const visible = vertexVisibility(mesh, { width: 300, height: 300 }, backend, { margin: 0 })
    expect(visible.reduce((a, b) => a + b)).toBe(columns ** 2)
  })

  it('passes over triangles that are not finite, and sees nothing of such vertices', () => {
    const { vertices, triangles } = bumpy(0)
    vertices[3 * 840] = Number.NaN
    const visible = vertexVisibility({ vertices, triangles }, { width: 120, height: 100 }, backend)
    expect(visible[840]).toBe(0)
    expect(visible.reduce((a, b) => a + b, 0)).toBeGreaterThan(500)
  })
})

const golden = shared('golden')

describe.skipIf(!golden)(`of real faces${golden ? '' : ' (skipped: ../shared/golden is not here)'}`, () => {
  const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`)).data

  it.each([
    ['trump_hillary', 0],
    ['trump_hillary', 1],
    ['emma', 1],
  ] as const)('equals a ray test against every triangle (%s, face %i)', (name, face) => {
    const mesh = { vertices: interleave(npy(`${name}_dense`), 38_365, face), triangles: Uint32Array.from(npy('tri')) }
    const counts = compare([mesh], { width: 4000, height: 2000 }, 97)
    expect(counts.seen).toBeGreaterThan(50)
  })
})
