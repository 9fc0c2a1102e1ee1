import type { MeshView } from '../backend.ts'

/** Triangles a cell of the grid is made for. */
const PER_CELL = 2

/**
 * Triangles of one or more meshes, sorted into the cells of a grid over the picture plane, so that the few that may lie on
 * a viewing ray are found at once. Viewing rays run along z.
 */
export class TriangleGrid {
  readonly #meshes: readonly MeshView[]
  readonly #x: number
  readonly #y: number
  readonly #cell: number
  readonly #columns: number
  readonly #rows: number
  /** Where each cell's list starts in `#list`. */
  readonly #starts: Uint32Array
  /** Triangles, numbered through all meshes. */
  readonly #list: Uint32Array
  /** [9 a triangle] corners, so that a ray touches one array only. */
  readonly #corners: Float64Array

  /** The grid covers the bounding box of the first mesh: rays elsewhere meet nothing. */
  constructor(meshes: readonly MeshView[]) {
    this.#meshes = meshes
    const [minX, maxX] = extent(meshes[0]!.vertices, 0)
    const [minY, maxY] = extent(meshes[0]!.vertices, 1)
    const count = meshes.reduce((sum, { triangles }) => sum + triangles.length / 3, 0)
    const area = Math.max((maxX - minX) * (maxY - minY), 1e-9)
    this.#cell = Math.max(Math.sqrt((area * PER_CELL) / Math.max(1, count)), (maxX - minX) / 4096, (maxY - minY) / 4096)
    this.#x = minX
    this.#y = minY
    this.#columns = Math.floor((maxX - minX) / this.#cell) + 1 || 0
    this.#rows = Math.floor((maxY - minY) / this.#cell) + 1 || 0
    this.#corners = this.#gather(count)
    this.#starts = new Uint32Array(this.#columns * this.#rows + 1)
    this.#each((cell) => {
      this.#starts[cell + 1]!++
    })
    for (let i = 1; i < this.#starts.length; i++) this.#starts[i]! += this.#starts[i - 1]!
    this.#list = new Uint32Array(this.#starts.at(-1) ?? 0)
    const ends = this.#starts.slice()
    this.#each((cell, triangle) => {
      this.#list[ends[cell]!++] = triangle
    })
  }

  /** Whether any triangle (edges included) lies more than `margin` in front of (x, y, z). */
  covers(x: number, y: number, z: number, margin: number): boolean {
    const column = Math.floor((x - this.#x) / this.#cell)
    const row = Math.floor((y - this.#y) / this.#cell)
    if (!(column >= 0 && row >= 0 && column < this.#columns && row < this.#rows)) return false
    const cell = row * this.#columns + column
    for (let i = this.#starts[cell]!; i < this.#starts[cell + 1]!; i++)
      if (heightAbove(this.#corners, 9 * this.#list[i]!, x, y, z) > margin) return true
    return false
  }

  #gather(count: number): Float64Array {
    const corners = new Float64Array(9 * count)
    let at = 0
    for (const { vertices, triangles } of this.#meshes)
      for (const vertex of triangles) for (let k = 0; k < 3; k++) corners[at++] = vertices[3 * vertex + k]!
    return corners
  }

  /** Visits each cell that the bounding box of each triangle touches. */
  #each(visit: (cell: number, triangle: number) => void): void {
    const c = this.#corners
    for (let at = 0; at < c.length; at += 9) {
      const x1 = this.#index(Math.min(c[at]!, c[at + 3]!, c[at + 6]!) - this.#x)
      const x2 = this.#index(Math.max(c[at]!, c[at + 3]!, c[at + 6]!) - this.#x)
      const y1 = this.#index(Math.min(c[at + 1]!, c[at + 4]!, c[at + 7]!) - this.#y)
      const y2 = this.#index(Math.max(c[at + 1]!, c[at + 4]!, c[at + 7]!) - this.#y)
      for (let row = Math.max(0, y1); row <= Math.min(this.#rows - 1, y2); row++)
        for (let column = Math.max(0, x1); column <= Math.min(this.#columns - 1, x2); column++)
          visit(row * this.#columns + column, at / 9)
    }
  }

  #index(distance: number): number {
    return Math.floor(distance / this.#cell)
  }
}

/** Smallest and largest finite coordinate. */
function extent(vertices: Float32Array, axis: number): [number, number] {
  let [min, max] = [Infinity, -Infinity]
  for (let i = axis; i < vertices.length; i += 3) {
    if (!Number.isFinite(vertices[i])) continue
    min = Math.min(min, vertices[i]!)
    max = Math.max(max, vertices[i]!)
  }
  return [min, max]
}

/**
 * How far above z the ray through (x, y) meets the triangle; -Infinity where it misses it or runs along it. Differences to z, so that
 * a triangle lies exactly 0 above its own corners.
 */
function heightAbove(c: Float64Array, at: number, x: number, y: number, z: number): number {
  const ax = c[at]! - x
  const ay = c[at + 1]! - y
  const bx = c[at + 3]! - x
  const by = c[at + 4]! - y
  const cx = c[at + 6]! - x
  const cy = c[at + 7]! - y
  const wa = bx * cy - by * cx
  const wb = cx * ay - cy * ax
  const wc = ax * by - ay * bx
  const area = wa + wb + wc
  // Inside, edges included: no two weights of opposite signs.
  if (area === 0 || !((wa >= 0 && wb >= 0 && wc >= 0) || (wa <= 0 && wb <= 0 && wc <= 0))) return -Infinity
  return (wa * (c[at + 2]! - z) + wb * (c[at + 5]! - z) + wc * (c[at + 8]! - z)) / area
}
