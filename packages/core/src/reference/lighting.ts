import { checkFloats } from '../arrays.ts'
import type { Light, MeshView } from '../backend.ts'
import { checkLight } from '../backend-arguments.ts'

const f = Math.fround

/** Area-weighted vertex normals; see `Backend.vertexNormals`. Triangles are summed in their order, in float32. */
export function vertexNormals({ vertices: v, triangles }: MeshView, out: Float32Array): Float32Array {
  checkFloats(out, v.length, 'out')
  out.fill(0)
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!]
    const [ux, uy, uz] = [f(v[b]! - v[a]!), f(v[b + 1]! - v[a + 1]!), f(v[b + 2]! - v[a + 2]!)]
    const [wx, wy, wz] = [f(v[c]! - v[a]!), f(v[c + 1]! - v[a + 1]!), f(v[c + 2]! - v[a + 2]!)]
    const nx = f(f(uy * wz) - f(uz * wy))
    const ny = f(f(uz * wx) - f(ux * wz))
    const nz = f(f(ux * wy) - f(uy * wx))
    for (const i of [a, b, c]) {
      out[i]! += nx
      out[i + 1]! += ny
      out[i + 2]! += nz
    }
  }
  for (let i = 0; i < out.length; i += 3) {
    const length = norm(out[i]!, out[i + 1]!, out[i + 2]!)
    for (let k = i; k < i + 3; k++) out[k] = length > 0 ? out[k]! / length : 0
  }
  return out
}

/** Phong light on vertices; see `Backend.light`. Every operation rounds to float32, in the order written here. */
export function light({ vertices: v }: MeshView, normals: Float32Array, lamp: Light, out: Float32Array): Float32Array {
  checkFloats(normals, v.length, 'normals')
  checkFloats(out, v.length, 'out')
  checkLight(lamp)
  const { ambient, directional, specular, position } = lamp
  const { min, scale, half } = unitFrame(v)
  const [ka, kd, ks] = [f(ambient), f(directional), f(specular)]
  const [px, py, pz] = position.map(f) as [number, number, number]
  for (let i = 0; i < v.length; i += 3) {
    // From vertex to light, which is also from vertex to viewer.
    const x = f(px - f(f(f(v[i]! - min[0]!) * scale) - half[0]!))
    const y = f(py - f(f(f(v[i + 1]! - min[1]!) * scale) - half[1]!))
    const z = f(pz - f(f(f(v[i + 2]! - min[2]!) * scale) - half[2]!))
    const length = norm(x, y, z)
    const [dx, dy, dz] = length > 0 ? [f(x / length), f(y / length), f(z / length)] : [0, 0, 0]
    const cos = dot(normals[i]!, normals[i + 1]!, normals[i + 2]!, dx, dy, dz)
    let value = ka
    if (cos > 0) {
      // The mirrored direction r = 2 cos n - d; with light and viewer in one place, v . r is d . r.
      const twice = f(2 * cos)
      const shine = dot(
        dx,
        dy,
        dz,
        f(f(twice * normals[i]!) - dx),
        f(f(twice * normals[i + 1]!) - dy),
        f(f(twice * normals[i + 2]!) - dz),
      )
      value = f(value + f(kd * Math.min(1, cos)))
      value = f(value + f(ks * power5(Math.min(1, Math.max(0, shine)))))
    }
    out.fill(Math.min(1, Math.max(0, value)), i, i + 3)
  }
  return out
}

/**
 * 3DDFA_V2's `norm_vertices`: x, y, z from 0 by one common factor to at most 2, then each axis centred. Coordinates that
 * are not finite do not count, so that a broken vertex darkens no other.
 */
function unitFrame(v: Float32Array): { min: number[]; scale: number; half: number[] } {
  const min = [Infinity, Infinity, Infinity]
  const max = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < v.length; i++) {
    if (!Number.isFinite(v[i])) continue
    min[i % 3] = Math.min(min[i % 3]!, v[i]!)
    max[i % 3] = Math.max(max[i % 3]!, v[i]!)
  }
  const extent = max.map((m, axis) => f(m - min[axis]!))
  const scale = f(2 / Math.max(...extent))
  return { min, scale, half: extent.map((e) => f(f(e * scale) * 0.5)) }
}

const dot = (ax: number, ay: number, az: number, bx: number, by: number, bz: number): number =>
  f(f(f(ax * bx) + f(ay * by)) + f(az * bz))
const norm = (x: number, y: number, z: number): number => f(Math.sqrt(dot(x, y, z, x, y, z)))
const power5 = (x: number): number => f(f(f(x * x) * f(x * x)) * x)
