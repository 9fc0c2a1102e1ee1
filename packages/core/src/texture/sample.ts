import { checkPoints } from '../arrays.ts'
import { checkImage, type ImageView } from '../image.ts'
import { checkUv } from './uv-mesh.ts'

/**
 * Bilinear sample of a picture at (x, y), clamped to its border, into `out[at .. at + 2]` as RGB in [0, 255], alpha behind them when
 * `count` is 4. Pixel centres are at integers.
 */
export function sampleBilinear(
  { data, width, height, channels }: ImageView,
  x: number,
  y: number,
  out: { [index: number]: number },
  at: number,
  count: 3 | 4 = 3,
): void {
  const cx = Math.max(0, Math.min(width - 1, x))
  const cy = Math.max(0, Math.min(height - 1, y))
  const x0 = Math.min(Math.floor(cx), Math.max(0, width - 2))
  const y0 = Math.min(Math.floor(cy), Math.max(0, height - 2))
  const fx = cx - x0
  const fy = cy - y0
  const a = (y0 * width + x0) * channels
  const b = a + (width > 1 ? channels : 0)
  const below = height > 1 ? width * channels : 0
  const c = a + below
  const d = b + below
  for (let k = 0; k < count; k++) {
    const upper = data[a + k]! + (data[b + k]! - data[a + k]!) * fx
    const lower = data[c + k]! + (data[d + k]! - data[c + k]!) * fx
    out[at + k] = upper + (lower - upper) * fy
  }
}

/**
 * Colours [3n] in [0, 1] of the picture under each vertex; vertices outside take the border's colour and stay where they are.
 * @throws {InvalidInputError} when they are no points.
 */
export function vertexColors(image: ImageView, vertices: Float32Array): Float32Array {
  checkImage(image)
  checkPoints(vertices, 'vertices')
  const colors = new Float32Array(vertices.length)
  for (let i = 0; i < vertices.length; i += 3) {
    sampleBilinear(image, vertices[i]!, vertices[i + 1]!, colors, i)
    for (let k = i; k < i + 3; k++) colors[k]! /= 255
  }
  return colors
}

/** Colours [3n] in [0, 1] of a texture at texture coordinates [2n], origin top-left. */
export function textureColors(texture: ImageView, uv: Float32Array): Float32Array {
  checkImage(texture, 'texture')
  checkUv(uv, 'uv')
  const colors = new Float32Array((3 * uv.length) / 2)
  for (let i = 0; i < uv.length / 2; i++) {
    sampleBilinear(texture, uv[2 * i]! * texture.width - 0.5, uv[2 * i + 1]! * texture.height - 0.5, colors, 3 * i)
    for (let k = 3 * i; k < 3 * i + 3; k++) colors[k]! /= 255
  }
  return colors
}
