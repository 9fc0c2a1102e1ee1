import type { ImageView } from '../image.ts'

const COLUMNS = 32
const ROWS = 18
/** Below this correlation two pictures show different scenes. */
const SAME_SCENE = 0.5

/**
 * Tells whether a picture continues the scene of the last one: correlation of the luminance on a coarse grid. A change of
 * brightness or contrast (flash, fade, exposure) keeps the correlation, a moving head changes few of the cells.
 */
export class SceneCutDetector {
  #last: Float64Array | undefined
  #size = ''

  /** Whether there is a cut between the last picture and this one; never for the first. A change of size is a cut. */
  next(image: ImageView): boolean {
    const signature = luminanceGrid(image)
    const size = `${image.width}x${image.height}`
    const isCut = this.#last !== undefined && (size !== this.#size || correlation(this.#last, signature) < SAME_SCENE)
    this.#last = signature
    this.#size = size
    return isCut
  }
}

/** Mean luminance of sampled pixels of each cell of the grid, mean and norm removed. */
function luminanceGrid({ data, width, height, channels }: ImageView): Float64Array {
  const grid = new Float64Array(COLUMNS * ROWS)
  // 2 x 2 samples a cell: enough against noise, and far fewer than all pixels.
  for (let r = 0; r < 2 * ROWS; r++) {
    const row = Math.floor(((r + 0.5) * height) / (2 * ROWS)) * width
    for (let c = 0; c < 2 * COLUMNS; c++) {
      const at = (row + Math.floor(((c + 0.5) * width) / (2 * COLUMNS))) * channels
      grid[(r >> 1) * COLUMNS + (c >> 1)]! += 2 * data[at]! + 5 * data[at + 1]! + data[at + 2]!
    }
  }
  const mean = grid.reduce((sum, v) => sum + v, 0) / grid.length
  // The small constant makes flat pictures (black, white) alike instead of noise against noise.
  const norm = Math.sqrt(grid.reduce((sum, v) => sum + (v - mean) ** 2, 1))
  return grid.map((v) => (v - mean) / norm)
}

function correlation(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, v, i) => sum + v * b[i]!, 0)
}
