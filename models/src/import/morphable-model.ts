import { asFloat32, isNumericArray } from '../formats/array.ts'
import { readMat } from '../formats/mat.ts'
import { readNpy } from '../formats/npy.ts'
import { readNumpyPickle } from '../formats/numpy-pickle.ts'
import { FormatError } from '../formats/reader.ts'
import { writeSafetensors } from '../formats/safetensors.ts'

/** The published regressors have this many coefficients; the file holds more components of each. */
const SHAPE_COUNT = 40
const EXPRESSION_COUNT = 10

/** 3DDFA_V2's `configs/`: bfm_noneck_v3.pkl, tri.pkl, ncc_code.npy, BFM_UV.mat, indices.npy. */
export interface MorphableModelFiles {
  readonly bfm: Uint8Array
  readonly tri: Uint8Array
  readonly ncc: Uint8Array
  readonly uv: Uint8Array
  readonly indices: Uint8Array
}

/**
 * The Basel face model as 3DDFA_V2 publishes it, as one .safetensors file that `readMorphableModel` reads.
 * @throws {FormatError} when a file is something else or they do not fit together.
 */
export function importMorphableModel(files: MorphableModelFiles, id: string): Uint8Array {
  const bfm = (readNumpyPickle(files.bfm, 'The face model') ?? {}) as Record<string, unknown>
  const mean = matrix(bfm['u'], 'u')
  const vertices = mean.rows / 3
  if (mean.columns !== 1 || !Number.isInteger(vertices))
    throw new FormatError(
      `Expected x y z of vertices as u in the face model but received ${mean.rows} x ${mean.columns}.`,
    )
  const shape = transposed(matrix(bfm['w_shp'], 'w_shp'), mean.rows, SHAPE_COUNT)
  const expression = transposed(matrix(bfm['w_exp'], 'w_exp'), mean.rows, EXPRESSION_COUNT)
  const triangles = matrix(readNumpyPickle(files.tri, 'The triangle list'), 'tri')
  const ncc = matrix(readNpy(files.ncc, 'The coordinate code'), 'ncc_code')
  const tensors = {
    mean: { data: mean.data, shape: [vertices, 3] },
    shape_basis: { data: shape, shape: [SHAPE_COUNT, vertices, 3] },
    expression_basis: { data: expression, shape: [EXPRESSION_COUNT, vertices, 3] },
    triangles: {
      data: indices(transposed(triangles, 3, triangles.columns, true), vertices, 'triangles'),
      shape: [triangles.columns, 3],
    },
    landmarks: { data: landmarkIndices(bfm['keypoints'], vertices), shape: [68] },
    uv: { data: textureCoordinates(files, vertices), shape: [vertices, 2] },
    ncc: { data: transposed(ncc, 3, vertices, true), shape: [vertices, 3] },
  }
  return writeSafetensors({ tensors, metadata: { id } })
}

interface Matrix {
  readonly data: Float32Array
  readonly rows: number
  readonly columns: number
}

function matrix(value: unknown, name: string): Matrix {
  if (!isNumericArray(value) || value.shape.length < 1 || value.shape.length > 2)
    throw new FormatError(`Expected the matrix ${name} in the face model's files.`)
  const data = asFloat32(value)
  if (!data.every(Number.isFinite))
    throw new FormatError(`The matrix ${name} in the face model's files holds something that is no number.`)
  return { data, rows: value.shape[0]!, columns: value.shape[1] ?? 1 }
}

/** [rows][columns] to [columns][rows], the first `count` columns (or all, with the shape checked exactly). */
function transposed({ data, rows, columns }: Matrix, expectedRows: number, count: number, exact = false): Float32Array {
  if (rows !== expectedRows || columns < count || (exact && columns !== count))
    throw new FormatError(
      `Expected a matrix of ${expectedRows} x ${count} in the face model's files but received ${rows} x ${columns}.`,
    )
  const out = new Float32Array(rows * count)
  for (let i = 0; i < rows; i++) for (let j = 0; j < count; j++) out[j * rows + i] = data[i * columns + j]!
  return out
}

/** `keypoints` lists rows of the basis: vertex * 3 + axis, three for each landmark. */
function landmarkIndices(keypoints: unknown, vertices: number): Uint32Array {
  if (!isNumericArray(keypoints) || keypoints.data.length !== 204)
    throw new FormatError('Expected 204 keypoints (68 landmarks, 3 rows each) in the face model.')
  const first = Array.from({ length: 68 }, (_, i) => Number(keypoints.data[3 * i]) / 3)
  return indices(first, vertices, 'keypoints')
}

/** As whole numbers; what is none would become another vertex without a word. */
function indices(numbers: ArrayLike<number>, vertices: number, what: string): Uint32Array {
  return Uint32Array.from(numbers, (index) => {
    if (Number.isInteger(index) && index >= 0 && index < vertices) return index
    throw new FormatError(`Expected ${what} of ${vertices} vertices in the face model's files but one names ${index}.`)
  })
}

/** BFM_UV.mat holds u, v (origin bottom-left) for the full model; indices.npy picks this one's vertices. */
function textureCoordinates(files: MorphableModelFiles, vertices: number): Float32Array {
  const uv = readMat(files.uv, 'The texture coordinates').UV
  const indices = readNpy(files.indices, 'The vertex indices').data
  if (uv?.shape[1] !== 2 || indices.length !== vertices)
    throw new FormatError(`Expected texture coordinates for ${vertices} vertices.`)
  const out = new Float32Array(2 * vertices)
  for (let i = 0; i < vertices; i++) {
    const at = 2 * Number(indices[i])
    if (!(Number.isInteger(at / 2) && at >= 0 && at + 1 < uv.data.length))
      throw new FormatError('The vertex indices reach outside the texture coordinates.')
    out[2 * i] = Number(uv.data[at])
    out[2 * i + 1] = 1 - Number(uv.data[at + 1])
  }
  return out
}
