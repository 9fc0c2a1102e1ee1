import type { ImageView } from '../image.ts'

/** Grows the painted texels (`ids` >= 0) of a texture by `steps`: each empty neighbour takes their mean. */
export function padTexture({ data, width, height }: ImageView, ids: Int32Array, steps: number): void {
  const filled = new Uint8Array(ids.length)
  for (let t = 0; t < ids.length; t++) filled[t] = ids[t]! >= 0 ? 1 : 0
  let front = steps > 0 ? borderOf(filled, width, height) : []
  for (let step = 0; step < steps && front.length > 0; step++) {
    const next = new Set<number>()
    for (const t of front) takeMeanOfNeighbours(data, filled, width, height, t)
    for (const t of front) filled[t] = 1
    for (const t of front) eachNeighbour(t, width, height, (n) => !filled[n] && next.add(n))
    front = [...next]
  }
}

/** Empty texels beside filled ones. */
function borderOf(filled: Uint8Array, width: number, height: number): number[] {
  const border = new Set<number>()
  for (let t = 0; t < filled.length; t++) {
    // Inside a chart all four direct neighbours are filled, and so is what lies across its corners, but for single holes.
    if (!filled[t] || (filled[t - 1] && filled[t + 1] && filled[t - width] && filled[t + width])) continue
    eachNeighbour(t, width, height, (n) => !filled[n] && border.add(n))
  }
  return [...border]
}

function takeMeanOfNeighbours(
  data: ImageView['data'],
  filled: Uint8Array,
  width: number,
  height: number,
  t: number,
): void {
  const sum = [0, 0, 0]
  let count = 0
  eachNeighbour(t, width, height, (n) => {
    if (!filled[n]) return
    for (let k = 0; k < 3; k++) sum[k]! += data[3 * n + k]!
    count++
  })
  for (let k = 0; k < 3; k++) data[3 * t + k] = Math.round(sum[k]! / count)
}

/** The up to eight texels around one. */
function eachNeighbour(t: number, width: number, height: number, visit: (n: number) => void): void {
  const x = t % width
  const y = (t - x) / width
  for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++)
    for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++)
      if (nx !== x || ny !== y) visit(ny * width + nx)
}
