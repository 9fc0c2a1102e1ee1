/** What is known of a cell of a membrane. */
export const Cell = { outside: 0, free: 1, fixed: 2 } as const

const MIN_SIDE = 4
const COARSEST_SWEEPS = 200
const SWEEPS = 16
/** Over-relaxation: each step goes beyond the neighbours' mean, which spreads news several times as fast. */
const OMEGA = 1.7

/** Heights over a grid of cells. */
export interface Membrane {
  /** [height][width][channels] */
  readonly heights: Float32Array
  /** [height][width] `Cell` */
  readonly cells: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: number
}

/**
 * The smoothest surface through fixed heights: solves Laplace's equation over the free cells; cells outside count as not there
 * (the surface meets them level). Coarse to fine: each grid starts from the solution of one half its size, and a few
 * sweeps (successive over-relaxation) bring in what that cannot hold. Heights of free cells are overwritten, in place.
 */
export function solveMembrane(membrane: Membrane): void {
  const isCoarsest = Math.min(membrane.width, membrane.height) <= MIN_SIDE
  if (!isCoarsest) {
    const coarse = halved(membrane)
    solveMembrane(coarse)
    enlarge(coarse, membrane)
  }
  sweep(membrane, isCoarsest ? COARSEST_SWEEPS : SWEEPS)
}

/** A coarse cell is fixed to the mean of the fixed ones in it; else free when any is. */
function halved({ heights, cells, width, height, channels }: Membrane): Membrane {
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 }
  const count = half.width * half.height
  const out = { heights: new Float32Array(count * channels), cells: new Uint8Array(count), ...half, channels }
  const counts = new Uint8Array(count)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const to = (y >> 1) * half.width + (x >> 1)
      if (cells[i]! > out.cells[to]!) out.cells[to] = cells[i]!
      if (cells[i] !== Cell.fixed) continue
      counts[to]!++
      for (let k = 0; k < channels; k++) out.heights[to * channels + k]! += heights[i * channels + k]!
    }
  for (let to = 0; to < counts.length; to++)
    if (counts[to]! > 1) for (let k = 0; k < channels; k++) out.heights[to * channels + k]! /= counts[to]!
  return out
}

/** Free cells start at the height of their coarse cell. */
function enlarge(coarse: Membrane, { heights, cells, width, height, channels }: Membrane): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      if (cells[i] !== Cell.free) continue
      const from = ((y >> 1) * coarse.width + (x >> 1)) * channels
      for (let k = 0; k < channels; k++) heights[i * channels + k] = coarse.heights[from + k]!
    }
}

function sweep({ heights, cells, width, height, channels }: Membrane, sweeps: number): void {
  for (let round = 0; round < sweeps; round++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = y * width + x
        if (cells[i] !== Cell.free) continue
        const left = x > 0 && cells[i - 1] !== Cell.outside ? 1 : 0
        const right = x + 1 < width && cells[i + 1] !== Cell.outside ? 1 : 0
        const up = y > 0 && cells[i - width] !== Cell.outside ? 1 : 0
        const down = y + 1 < height && cells[i + width] !== Cell.outside ? 1 : 0
        const count = left + right + up + down
        if (count === 0) continue
        for (let k = 0, at = i * channels; k < channels; k++, at++) {
          // Read only where it counts: what lies outside may hold anything.
          const sum =
            (left && heights[at - channels]!) +
            (right && heights[at + channels]!) +
            (up && heights[at - width * channels]!) +
            (down && heights[at + width * channels]!)
          heights[at]! += OMEGA * (sum / count - heights[at]!)
        }
      }
}
