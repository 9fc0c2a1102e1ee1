import { checkFloats } from '../arrays.ts'
import { expect } from '../errors.ts'
import { fitAffine } from '../fit/fit-transform.ts'
import { transformPoints } from '../fit/transform.ts'
import { checkUvCorrespondence, type UvCorrespondence, type UvTopology } from './uv-topology.ts'

/**
 * A morphable model's faces as those of a UV topology. What depends on the two alone is worked out once, so that a face
 * costs a few multiplications a vertex.
 */
export class UvResampler {
  readonly topology: UvTopology
  readonly #correspondence: UvCorrespondence
  /** Vertices that the model has, and those that it lacks, each of these with the nearest that it has. */
  readonly #present: Uint32Array
  readonly #absent: Uint32Array
  readonly #nearest: Uint32Array

  /** @throws {InvalidInputError} when the two do not belong together. */
  constructor(topology: UvTopology, correspondence: UvCorrespondence) {
    checkUvCorrespondence(correspondence, topology)
    this.topology = topology
    this.#correspondence = correspondence
    const all = Uint32Array.from(topology.cells.keys())
    const isAbsent = (i: number): boolean => [0, 1, 2].every((k) => correspondence.weights[3 * i + k] === 0)
    this.#present = all.filter((i) => !isAbsent(i))
    this.#absent = all.filter(isAbsent)
    expect(this.#present.length >= 4, 'correspondence.weights', 'some vertices that the model has', this.#present)
    const nearest = nearestOnGrid(topology, this.#present)
    this.#nearest = this.#absent.map((i) => nearest[i]!)
  }

  /**
   * Vertices [3n] of the topology for vertices of the model, into `out` when given. Skin that the model lacks takes its place
   * from the mean face, moved as the rest of the face is, and joins on to its nearest neighbour.
   * @throws {InvalidInputError} when `vertices` are not those of the model.
   */
  resample(vertices: Float32Array, out: Float32Array = new Float32Array(3 * this.topology.cells.length)): Float32Array {
    const { vertexCount, corners, weights } = this.#correspondence
    checkFloats(vertices, 3 * vertexCount, 'vertices')
    checkFloats(out, 3 * this.topology.cells.length, 'out')
    for (let i = 0; i < corners.length; i += 3) {
      const a = 3 * corners[i]!
      const b = 3 * corners[i + 1]!
      const c = 3 * corners[i + 2]!
      for (let k = 0; k < 3; k++)
        out[i + k] =
          weights[i]! * vertices[a + k]! + weights[i + 1]! * vertices[b + k]! + weights[i + 2]! * vertices[c + k]!
    }
    if (this.#absent.length > 0) this.#complete(out)
    return out
  }

  #complete(out: Float32Array): void {
    const { canonical } = this.topology
    const affine = fitAffine(gather(canonical, this.#present), gather(out, this.#present))
    const [expected, here] = [this.#absent, this.#nearest].map((list) =>
      transformPoints(affine, gather(canonical, list)),
    ) as [Float32Array, Float32Array]
    this.#absent.forEach((vertex, i) => {
      const near = 3 * this.#nearest[i]!
      for (let k = 0; k < 3; k++) out[3 * vertex + k] = expected[3 * i + k]! + out[near + k]! - here[3 * i + k]!
    })
  }
}

/** The vertex of `list` nearest to each vertex on the grid, in steps to one of the eight neighbours; itself for those of the list. */
function nearestOnGrid({ size, cells }: UvTopology, list: Uint32Array): Uint32Array {
  const vertexOf = new Int32Array(size * size).fill(-1)
  cells.forEach((cell, vertex) => {
    vertexOf[cell] = vertex
  })
  const nearest = new Int32Array(cells.length).fill(-1)
  for (const vertex of list) nearest[vertex] = vertex
  // Breadth first: those that are reached become the next to start from.
  for (let front = Array.from(list); front.length > 0; ) {
    const next: number[] = []
    for (const vertex of front)
      for (const step of [-1, 1, -size, size, -size - 1, -size + 1, size - 1, size + 1]) {
        const other = vertexOf[cells[vertex]! + step] ?? -1
        if (other < 0 || nearest[other]! >= 0) continue
        nearest[other] = nearest[vertex]!
        next.push(other)
      }
    front = next
  }
  // An island of the grid with no vertex of the list takes any.
  return Uint32Array.from(nearest, (vertex) => (vertex < 0 ? list[0]! : vertex))
}

function gather(points: Float32Array, list: Uint32Array): Float32Array {
  const out = new Float32Array(3 * list.length)
  for (let i = 0; i < list.length; i++) for (let k = 0; k < 3; k++) out[3 * i + k] = points[3 * list[i]! + k]!
  return out
}
