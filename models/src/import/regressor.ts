import { asFloat32, type NumericArray } from '../formats/array.ts'
import { readNumpyPickle } from '../formats/numpy-pickle.ts'
import { FormatError } from '../formats/reader.ts'
import { readTorchCheckpoint } from '../formats/torch.ts'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import type { Architecture, Denormalization } from './architecture.ts'
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

/**
 * A parameter regressor of 3DDFA_V2 (`.pth`) and its statistics (`param_mean_std_62d_120x120.pkl`) as ONNX: input `image`
 * uint8 [N, size, size, 3] RGB, output `params` float32 [N, 62], de-normalised. MobileNetV1 of any width, ResNet-22 and
 * MobileNetV3 (small, large) are recognised by their tensors.
 * @throws {FormatError} when the files are something else.
 */
export function importRegressor(files: { readonly checkpoint: Uint8Array; readonly meanStd: Uint8Array }): Uint8Array {
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
  const output = readDenormalization(files.meanStd)
  graph.output('params', build(graph, centred, new StateDict(tensors, name), output), ['N', output.mean.length])
  return graph.finish(name)
}

function readDenormalization(bytes: Uint8Array): Denormalization {
  const statistics = readNumpyPickle(bytes, 'The parameter statistics') as Record<string, NumericArray> | null
  const { mean, std } = statistics ?? {}
  if (!mean?.data || !std?.data || mean.data.length !== std.data.length)
    throw new FormatError('Expected `mean` and `std` of the same length in the parameter statistics.')
  return { mean: asFloat32(mean), std: asFloat32(std) }
}
