import type { MorphableModel } from '@3ddfa/core'
import { FormatError } from '../formats/reader.ts'
import type { GraphBuilder } from '../onnx/graph-builder.ts'
import { type BuiltRegressor, buildRegressor, type RegressorFiles } from './regressor.ts'

export interface FusedOptions {
  /** The 68 landmarks or all vertices of the model; `sparse` unless given. */
  readonly vertices?: 'sparse' | 'dense' | undefined
  /** Also the checkpoint's own landmark layer (`fc_lm`), which sees points that no shape of the model has. */
  readonly landmarkHead?: boolean | undefined
}

/** Numbers in front of the coefficients. */
const CAMERA = 12
const LANDMARKS = 68

/**
 * Regressor and morphable model as one network, as Dense-Head-Pose-Estimation has it: input `image` uint8 [N, size, size, 3] RGB;
 * outputs `camera` float32 [N, 3, 4] (as in `FaceParams`) and `vertices` float32 [N, n, 3], x, y (down) and z (larger is nearer)
 * in pixels of the input, z as it is; with `landmarkHead` also `landmarks` float32 [N, 68, 2]. In the picture they lie at
 * roi.x1 + x * side / size, and so on.
 * @throws {FormatError} when the files are something else, or the checkpoint has no landmark layer.
 */
export function importFusedNetwork(
  files: RegressorFiles,
  model: MorphableModel,
  options: FusedOptions = {},
): Uint8Array {
  const { vertices = 'sparse', landmarkHead = false } = options
  const network = buildRegressor(files)
  const { graph, params, size, count } = network
  const components = count - CAMERA
  if (components !== model.shapeCount + model.expressionCount)
    throw new FormatError(
      `The network gives ${components} coefficients, but the face model has ${model.shapeCount} + ${model.expressionCount}.`,
    )
  const kept = vertices === 'dense' ? undefined : model.landmarks
  const camera = graph.node('Reshape', [columns(graph, params, 0, CAMERA), graph.integers(-1, 3, 4)])
  const points = shapes(graph, columns(graph, params, CAMERA, count), model, kept)
  graph.output('camera', camera, ['N', 3, 4])
  graph.output('vertices', project(graph, points, camera, size), ['N', kept?.length ?? model.vertexCount, 3])
  if (landmarkHead) graph.output('landmarks', landmarks(network), ['N', LANDMARKS, 2])
  return graph.finish(`${network.name} with ${model.id}`)
}

function columns(graph: GraphBuilder, x: string, from: number, to: number): string {
  return graph.node('Slice', [x, graph.integers(from), graph.integers(to), graph.integers(1)])
}

/** [N, n, 3] points in the model's own frame: mean + coefficients * basis. */
function shapes(
  graph: GraphBuilder,
  coefficients: string,
  model: MorphableModel,
  kept: Uint32Array | undefined,
): string {
  const pick = (numbers: Float32Array): Float32Array =>
    kept
      ? Float32Array.from({ length: 3 * kept.length }, (_, i) => numbers[3 * kept[Math.floor(i / 3)]! + (i % 3)]!)
      : numbers
  const rows = model.shapeCount + model.expressionCount
  const row = 3 * model.vertexCount
  const length = 3 * (kept?.length ?? model.vertexCount)
  const basis = new Float32Array(rows * length)
  for (let k = 0; k < rows; k++) basis.set(pick(model.basis.subarray(k * row, (k + 1) * row)), k * length)
  const flat = graph.node('Gemm', [
    coefficients,
    graph.floats(basis, [rows, length]),
    graph.floats(pick(model.mean), [length]),
  ])
  return graph.node('Reshape', [flat, graph.integers(-1, length / 3, 3)])
}

/** R p + t, from the networks' 1-based coordinates with y up to pixels with y down. */
function project(graph: GraphBuilder, points: string, camera: string, size: number): string {
  const part = (from: number, to: number): string =>
    graph.node(
      'Transpose',
      [graph.node('Slice', [camera, graph.integers(from), graph.integers(to), graph.integers(2)])],
      {
        perm: [0, 2, 1],
      },
    )
  const placed = graph.node('Add', [graph.node('MatMul', [points, part(0, 3)]), part(3, 4)])
  return graph.node('Add', [
    graph.node('Mul', [placed, graph.floats([1, -1, 1], [3])]),
    graph.floats([-1, size, -1], [3]),
  ])
}

/** The layer gives 68 x, then 68 y (down), -1 and 1 at the borders of the crop. */
function landmarks({ graph, state, features, size, name }: BuiltRegressor): string {
  if (features === undefined || !state.has('fc_lm.weight'))
    throw new FormatError(`The checkpoint (${name}) has no landmark layer fc_lm.`)
  const { data, shape } = state.tensor('fc_lm.weight', 2)
  if (shape[0] !== 2 * LANDMARKS)
    throw new FormatError(`Expected ${2 * LANDMARKS} outputs of fc_lm but it has ${shape[0]}.`)
  const half = size / 2
  const bias = state.vector('fc_lm.bias', 2 * LANDMARKS).map((b) => (b + 1) * half)
  const rows = graph.linear(
    features,
    data.map((w) => w * half),
    bias,
  )
  return graph.node('Transpose', [graph.node('Reshape', [rows, graph.integers(-1, 2, LANDMARKS)])], { perm: [0, 2, 1] })
}
