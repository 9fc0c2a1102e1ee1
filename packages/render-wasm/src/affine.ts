import type { DecodeFrame } from '@3ddfa/core'

/** Camera, the network's 1-based y-up coordinates and the ROI as one 3x4 affine map, row-major; computed in double precision. */
export function affineOf(camera: Float32Array, { roi: { x1, y1, x2, y2 }, inputSize }: DecodeFrame): Float32Array {
  const [sx, sy] = [(x2 - x1) / inputSize, (y2 - y1) / inputSize]
  const sz = (sx + sy) / 2
  const row = (from: number, scale: number, shift: number): number[] => [
    camera[from]! * scale,
    camera[from + 1]! * scale,
    camera[from + 2]! * scale,
    shift,
  ]
  return Float32Array.of(
    ...row(0, sx, (camera[3]! - 1) * sx + x1),
    ...row(4, -sy, (inputSize - camera[7]!) * sy + y1),
    ...row(8, sz, (camera[11]! - 1) * sz),
  )
}
