import { asFloat32, isNumericArray } from '../formats/array.ts'
import { readNumpyPickle } from '../formats/numpy-pickle.ts'
import { FormatError } from '../formats/reader.ts'
import { readTorchCheckpoint } from '../formats/torch.ts'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import type { Architecture, Denormalization, Regressed } from './architecture.ts'
import { mobileNetV1 } from './mobilenet-v1.ts'
import { mobileNetV3 } from './mobilenet-v3.ts'
import { resNet22 } from './resnet22.ts'
import { StateDict } from './state-dict.ts'

const ARCHITECTURES: readonly {
  readonly name: string
  readonly mark: string
  readonly size: number
  readonly build: Architecture
}[] = [
  { name: 'MobileNetV1', mark: 'dw2_1.conv_dw.weight', size: 120, build: mobileNetV1 },
  { name: 'ResNet-22', mark: 'layer1.0.conv1.weight', size: 120, build: resNet22 },
  { name: 'MobileNetV3', mark: 'features.1.conv.0.weight', size: 128, build: mobileNetV3 },
]

/** A regressor's checkpoint (`.pth`) and the statistics of its parameters (`param_mean_std_62d_120x120.pkl`). */
export interface RegressorFiles {
  readonly checkpoint: Uint8Array
  readonly meanStd: Uint8Array
}

/**
 * A parameter regressor of 3DDFA_V2 as ONNX: input `image` uint8 [N, size, size, 3] RGB, output `params` float32 [N, 62],
 * de-normalised. MobileNetV1 of any width, ResNet-22 and MobileNetV3 (small, large) are recognised by their tensors.
 * @throws {FormatError} when the files are something else.
 */
export function importRegressor(files: RegressorFiles): Uint8Array {
  const { graph, params, count, name } = buildRegressor(files)
  graph.output('params', params, ['N', count])
  return graph.finish(name)
}

/** A regressor's graph without its outputs. */
export interface BuiltRegressor extends Regressed {
  readonly graph: GraphBuilder
  readonly state: StateDict
  readonly name: string
  /** Side of the input. */
  readonly size: number
  /** Number of parameters. */
  readonly count: number
}

export function buildRegressor(files: RegressorFiles): BuiltRegressor {
  const tensors = readTorchCheckpoint(files.checkpoint)
  const architecture = ARCHITECTURES.find(({ mark }) => tensors.has(mark))
  if (!architecture)
    throw new FormatError(
      `The checkpoint is none of the known networks (${ARCHITECTURES.map((a) => a.name).join(', ')}); it starts with ${[...tensors.keys()].slice(0, 3).join(', ')}.`,
    )
  const { name, size, build } = architecture
  const graph = new GraphBuilder()
  const image = graph.input('image', 'uint8', ['N', size, size, 3])
  const planes = graph.node('Cast', [graph.node('Transpose', [image], { perm: [0, 3, 1, 2] })], { to: 1 })
  const centred = graph.node('Sub', [planes, graph.floats([127.5], [1])])
  const state = new StateDict(tensors, name)
  const output = readDenormalization(files.meanStd)
  return { ...build(graph, centred, state, output), graph, state, name, size, count: output.mean.length }
}

function readDenormalization(bytes: Uint8Array): Denormalization {
  const statistics = readNumpyPickle(bytes, 'The parameter statistics') as Record<string, unknown> | null
  const { mean, std } = statistics ?? {}
  if (!isNumericArray(mean) || !isNumericArray(std) || mean.data.length !== std.data.length)
    throw new FormatError('Expected `mean` and `std` of the same length in the parameter statistics.')
  const denormalization = { mean: asFloat32(mean), std: asFloat32(std) }
  if (!Object.values(denormalization).every((numbers) => numbers.every(Number.isFinite)))
    throw new FormatError('Expected finite numbers as `mean` and `std` in the parameter statistics.')
  return denormalization
}
