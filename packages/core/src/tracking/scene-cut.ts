import type { ImageView } from '../image.ts'

const COLUMNS = 32
const ROWS = 18
/** Below this correlation two pictures show different scenes: within a shot it stays above 0.9, across cuts below 0.3. */
const SAME_SCENE = 0.5
/** Standard deviation of luminance, in levels of 255, below which a picture counts as flat (black, white, a wall). */
const FLAT = 2

/**
 * Tells whether a picture continues the scene of the last one: correlation of the luminance on a coarse grid. A change of
 * brightness or contrast (flash, fade, exposure) keeps the correlation, a moving head changes few of the cells.
 */
export class SceneCutDetector {
  #last: Float64Array | undefined
  #size = ''

  /** Whether there is a cut between the last picture and this one; never for the first. A change of size is a cut. */
  next(image: ImageView): boolean {
    const grid = luminanceGrid(image)
    const size = `${image.width}x${image.height}`
    const isCut = this.#last !== undefined && (size !== this.#size || correlation(this.#last, grid) < SAME_SCENE)
    this.#last = grid
    this.#size = size
    return isCut
  }
}

/** Luminance in levels of each cell of the grid, mean removed. */
function luminanceGrid({ data, width, height, channels }: ImageView): Float64Array {
  const grid = new Float64Array(COLUMNS * ROWS)
  // 2 x 2 samples a cell: enough against noise, and far fewer than all pixels.
  for (let r = 0; r < 2 * ROWS; r++) {
    const row = Math.floor(((r + 0.5) * height) / (2 * ROWS)) * width
    for (let c = 0; c < 2 * COLUMNS; c++) {
      const at = (row + Math.floor(((c + 0.5) * width) / (2 * COLUMNS))) * channels
      grid[(r >> 1) * COLUMNS + (c >> 1)]! += (2 * data[at]! + 5 * data[at + 1]! + data[at + 2]!) / 32
    }
  }
  const mean = grid.reduce((sum, v) => sum + v, 0) / grid.length
  return grid.map((v) => v - mean)
}

/** In [-1, 1]. What all pictures have in common, weighted like flat contrast, makes flat pictures alike. */
function correlation(a: Float64Array, b: Float64Array): number {
  const common = a.length * FLAT ** 2
  const product = (p: Float64Array, q: Float64Array): number => p.reduce((sum, v, i) => sum + v * q[i]!, common)
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b))
}
