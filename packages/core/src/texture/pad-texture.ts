import type { ImageView } from '../image.ts'

/** Grows the painted texels (`ids` >= 0) of a texture by `steps`: each empty neighbour takes their mean. */
export function padTexture({ data, width, height }: ImageView, ids: Int32Array, steps: number): void {
  const filled = Uint8Array.from(ids, (id) => (id >= 0 ? 1 : 0))
  for (let step = 0; step < steps; step++) {
    const grown: number[] = []
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const t = y * width + x
        if (!filled[t] && meanOfNeighbours(data, filled, width, height, x, y, t)) grown.push(t)
      }
    for (const t of grown) filled[t] = 1
  }
}

function meanOfNeighbours(
  data: ImageView['data'],
  filled: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  t: number,
): boolean {
  const sum = [0, 0, 0]
  let count = 0
  for (let dy = -1; dy <= 1; dy++)
    for (let dx = -1; dx <= 1; dx++) {
      const n = t + dy * width + dx
      if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height || !filled[n]) continue
      for (let k = 0; k < 3; k++) sum[k]! += data[3 * n + k]!
      count++
    }
  if (count > 0) for (let k = 0; k < 3; k++) data[3 * t + k] = Math.round(sum[k]! / count)
  return count > 0
}
