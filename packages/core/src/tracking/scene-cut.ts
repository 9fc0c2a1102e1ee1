import type { ImageView } from '../image.ts'

const COLUMNS = 32
const ROWS = 18
/** Above this correlation two pictures show the same scene: within a shot it stays above 0.9 mostly, across cuts below 0.3. */
const SAME_SCENE = 0.5
/** A pan moves the scene by up to so many cells from one picture to the next. */
const PAN = { columns: 3, rows: 2 }
/** Above this correlation one picture is the other one, moved: pans stay above 0.8, different scenes below 0.7 nearly always. */
const SAME_SCENE_MOVED = 0.75
/** Standard deviation of luminance, in levels of 255, below which a picture counts as flat (black, white, a wall). */
const FLAT = 2

/**
 * Tells whether a picture continues the scene before it: correlation of the luminance on a coarse grid, also of grids that are
 * moved by a few cells. A change of brightness or contrast (fade, exposure) keeps the correlation, a moving head changes few of
 * the cells, a fast pan moves them all. A flat picture (a flash, black between two shots) is no scene: what comes after it
 * is compared with what was before it.
 */
export class SceneCutDetector {
  /** Of the last picture that was not flat. */
  #last: Float64Array | undefined
  #size = ''

  /** Whether there is a cut before this picture; never for the first. A change of size is a cut. */
  next(image: ImageView): boolean {
    const grid = luminanceGrid(image)
    const size = `${image.width}x${image.height}`
    const isOtherSize = this.#size !== '' && size !== this.#size
    const scene = isFlat(grid) ? undefined : grid
    const isCut = isOtherSize || (this.#last !== undefined && scene !== undefined && !isSameScene(this.#last, scene))
    this.#last = scene ?? (isOtherSize ? undefined : this.#last)
    this.#size = size
    return isCut
  }
}

function isSameScene(a: Float64Array, b: Float64Array): boolean {
  if (correlation(a, b) >= SAME_SCENE) return true
  for (let y = -PAN.rows; y <= PAN.rows; y++)
    for (let x = -PAN.columns; x <= PAN.columns; x++) if (correlation(a, b, x, y) >= SAME_SCENE_MOVED) return true
  return false
}

/** Luminance in levels of each cell of the grid. */
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
  return grid
}

function isFlat(grid: Float64Array): boolean {
  const mean = grid.reduce((sum, v) => sum + v, 0) / grid.length
  return grid.reduce((sum, v) => sum + (v - mean) ** 2, 0) < grid.length * FLAT ** 2
}

/** Of the cells that both grids have when `a` is moved by `dx` columns and `dy` rows, in [-1, 1]. */
function correlation(a: Float64Array, b: Float64Array, dx = 0, dy = 0): number {
  let [n, sumA, sumB, aa, bb, ab] = [0, 0, 0, 0, 0, 0]
  for (let y = Math.max(0, dy); y < ROWS + Math.min(0, dy); y++) {
    for (let x = Math.max(0, dx); x < COLUMNS + Math.min(0, dx); x++) {
      const [p, q] = [a[(y - dy) * COLUMNS + x - dx]!, b[y * COLUMNS + x]!]
      n++
      sumA += p
      sumB += q
      aa += p * p
      bb += q * q
      ab += p * q
    }
  }
  // What all pictures have in common, weighted like flat contrast, makes dim pictures alike.
  const common = n * FLAT ** 2
  const [varA, varB] = [aa - sumA ** 2 / n + common, bb - sumB ** 2 / n + common]
  return (ab - (sumA * sumB) / n + common) / Math.sqrt(varA * varB)
}
