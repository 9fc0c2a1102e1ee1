/** Anchors of one side length on every cell of a level: `density` x `density` of them, evenly spread from the cell's corner. */
export interface Anchor {
  /** Side in input pixels. */
  readonly size: number
  /** 1 puts a single anchor at the cell's centre. */
  readonly density: number
}

/** One output map of a detector: a cell per `stride` input pixels, rounded up at the right and lower border. */
export interface PriorLevel {
  readonly stride: number
  readonly anchors: readonly Anchor[]
}

/** The input rectangle that a network was given, in pixels. */
export interface InputSize {
  readonly width: number
  readonly height: number
}

/** Prior boxes [4A] as centre x, centre y, width, height in input pixels; level by level, row by row, anchor by anchor. */
export function createPriors(levels: readonly PriorLevel[], input: InputSize): Float32Array {
  const priors: number[] = []
  for (const { stride, anchors } of levels) {
    const columns = Math.ceil(input.width / stride)
    const rows = Math.ceil(input.height / stride)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (const anchor of anchors) pushAnchors(priors, anchor, column, row, stride)
  }
  return Float32Array.from(priors)
}

function pushAnchors(priors: number[], { size, density }: Anchor, column: number, row: number, stride: number): void {
  const shift = density === 1 ? 0.5 : 0
  for (let y = 0; y < density; y++)
    for (let x = 0; x < density; x++)
      priors.push((column + x / density + shift) * stride, (row + y / density + shift) * stride, size, size)
}
