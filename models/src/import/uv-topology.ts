import { checkUvCorrespondence, checkUvTopology, type UvCorrespondence, type UvTopology } from '@3ddfa/core'
import { asFloat32, type NumericArray } from '../formats/array.ts'
import { readNpy } from '../formats/npy.ts'
import { FormatError } from '../formats/reader.ts'
import { needTensor, readSafetensors, writeSafetensors } from '../formats/safetensors.ts'
import { readTextNumbers } from '../formats/text-numbers.ts'

/** PRNet's grid. */
const SIZE = 256
const VERTICES = 43_867
const ABSENT = 0xffffffff

/** Where the parts of PRNet's UV mesh are published. */
export interface UvTopologyFiles {
  /** PRNet `face_ind.txt`: cells of the vertices. */
  readonly cells: Uint8Array
  /** PRNet `uv_kpt_ind.txt`: columns, then rows of the 68 points. */
  readonly landmarks: Uint8Array
  /** PRNet `canonical_vertices.npy`: the mean face. */
  readonly canonical: Uint8Array
  /** SADRNet `uv_triangles.npy`: row and column of three corners a line. */
  readonly triangles: Uint8Array
  /** PRNet-keras `uv_face_ind_to_org_triangles.txt`: three vertices of the full Basel model for each UV vertex. */
  readonly corners: Uint8Array
  /** PRNet-keras `uv_face_ind_to_org_triweights.txt`: their weights. */
  readonly weights: Uint8Array
  /** 3DDFA_V2 `indices.npy`: the full model's vertices that the published one keeps. */
  readonly indices: Uint8Array
}

/** A UV topology and how the vertices of a morphable model become its own. */
export interface UvModel {
  readonly topology: UvTopology
  readonly correspondence: UvCorrespondence
}

/**
 * PRNet's UV mesh and its map to the Basel model without neck, as one .safetensors file that `readUvTopology` reads.
 * @throws {FormatError} when a file is something else or they do not fit together.
 */
export function importUvTopology(files: UvTopologyFiles): Uint8Array {
  const cells = Uint32Array.from(readTextNumbers(files.cells, VERTICES, 'face_ind.txt'))
  const vertexOf = new Uint32Array(SIZE * SIZE).fill(ABSENT)
  cells.forEach((cell, i) => {
    vertexOf[cell] = i
  })
  const canonical = readNpy(files.canonical, 'canonical_vertices.npy')
  if (canonical.data.length !== 3 * VERTICES)
    throw new FormatError(`Expected ${VERTICES} points in canonical_vertices.npy.`)
  const indices = readNpy(files.indices, 'indices.npy').data
  const topology: UvTopology = {
    id: 'prnet-uv-256',
    size: SIZE,
    cells,
    triangles: importTriangles(readNpy(files.triangles, 'uv_triangles.npy'), vertexOf),
    landmarks: importLandmarks(readTextNumbers(files.landmarks, 136, 'uv_kpt_ind.txt'), vertexOf),
    canonical: asFloat32(canonical),
  }
  return write(topology, importCorrespondence(files, indices.length, Array.from(indices, Number)))
}

function write(topology: UvTopology, correspondence: UvCorrespondence): Uint8Array {
  const n = topology.cells.length
  const tensors = {
    cells: { data: topology.cells, shape: [n] },
    triangles: { data: topology.triangles, shape: [topology.triangles.length / 3, 3] },
    landmarks: { data: topology.landmarks, shape: [68] },
    canonical: { data: topology.canonical, shape: [n, 3] },
    corners: { data: correspondence.corners, shape: [n, 3] },
    weights: { data: correspondence.weights, shape: [n, 3] },
  }
  const { id, size } = topology
  return writeSafetensors({
    tensors,
    metadata: { id, size: String(size), vertices: String(correspondence.vertexCount) },
  })
}

type Six = [number, number, number, number, number, number]

/** Turned where needed so that all wind as the morphable model's triangles do. */
function importTriangles({ data, shape }: NumericArray, vertexOf: Uint32Array): Uint32Array {
  if (shape[1] !== 6) throw new FormatError('Expected rows of 6 numbers in uv_triangles.npy.')
  const out = new Uint32Array(data.length / 2)
  for (let t = 0; t < data.length; t += 6) {
    const [ay, ax, by, bx, cy, cx] = Array.from({ length: 6 }, (_, k) => Number(data[t + k])) as Six
    const corners = [ay * SIZE + ax, by * SIZE + bx, cy * SIZE + cx].map((cell) => vertexOf[cell] ?? ABSENT)
    if (corners.includes(ABSENT)) throw new FormatError('uv_triangles.npy names a cell that face_ind.txt does not.')
    if ((bx - ax) * (cy - ay) < (by - ay) * (cx - ax)) corners.reverse()
    out.set(corners, t / 2)
  }
  return out
}

function importLandmarks(values: Float64Array, vertexOf: Uint32Array): Uint32Array {
  return Uint32Array.from({ length: 68 }, (_, i) => {
    const vertex = vertexOf[values[68 + i]! * SIZE + values[i]!] ?? ABSENT
    if (vertex === ABSENT) throw new FormatError('uv_kpt_ind.txt names a cell that face_ind.txt does not.')
    return vertex
  })
}

/** From the full model's vertices to those that are kept; what stands on one that is not gets zeros. */
function importCorrespondence(
  files: UvTopologyFiles,
  vertexCount: number,
  indices: readonly number[],
): UvCorrespondence {
  const full = readTextNumbers(files.corners, 3 * VERTICES, 'uv_face_ind_to_org_triangles.txt')
  const weights = Float32Array.from(readTextNumbers(files.weights, 3 * VERTICES, 'uv_face_ind_to_org_triweights.txt'))
  const kept = new Map(indices.map((index, i) => [index, i]))
  const corners = new Uint32Array(3 * VERTICES)
  for (let i = 0; i < corners.length; i += 3) {
    const found = [full[i]!, full[i + 1]!, full[i + 2]!].map((index) => kept.get(index))
    if (found.every((index) => index !== undefined)) corners.set(found, i)
    else weights.fill(0, i, i + 3)
  }
  return { vertexCount, corners, weights }
}

/**
 * The UV mesh in a file of `importUvTopology`; its arrays are views of `bytes` where alignment allows.
 * @throws {FormatError} when the file is something else.
 */
export function readUvTopology(bytes: Uint8Array): UvModel {
  const file = readSafetensors(bytes, 'The UV topology')
  const { metadata } = file
  const get = (name: string): NumericArray =>
    needTensor(file, name, 'The UV topology', 'import it again: 3ddfa models pull prnet-uv')
  const topology: UvTopology = {
    id: metadata.id ?? 'unnamed',
    size: Number(metadata.size),
    cells: get('cells').data as Uint32Array,
    triangles: get('triangles').data as Uint32Array,
    landmarks: get('landmarks').data as Uint32Array,
    canonical: asFloat32(get('canonical')),
  }
  const correspondence: UvCorrespondence = {
    vertexCount: Number(metadata.vertices),
    corners: get('corners').data as Uint32Array,
    weights: asFloat32(get('weights')),
  }
  checkUvTopology(topology)
  checkUvCorrespondence(correspondence, topology)
  return { topology, correspondence }
}
