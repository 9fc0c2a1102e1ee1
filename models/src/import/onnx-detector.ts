import { create, toBinary } from '@bufbuild/protobuf'
import { FormatError } from '../formats/reader.ts'
import {
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from '../onnx/generated/onnx_pb.ts'
import { attribute, type Dim, valueInfo } from '../onnx/graph-builder.ts'
import { makeTensor, parseOnnx } from '../quantize/onnx-file.ts'

interface Recipe {
  /** Spatial dimensions of the new input. */
  readonly dims: readonly Dim[]
  /** Per channel, in the order that the network takes: (value - mean) / divisor. */
  readonly mean: number
  readonly divisor: number
  readonly reversed: boolean
  readonly outputs: readonly string[]
}

const RECIPES: Readonly<Record<'ultraface' | 'yunet', Recipe>> = {
  /** Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB, RFB-320 "without postprocessing": RGB, (v - 127) / 128. */
  ultraface: { dims: [1, 240, 320, 3], mean: 127, divisor: 128, reversed: false, outputs: ['scores', 'boxes'] },
  /** ShiqiYu/libfacedetection.train, yunet_n: BGR as it is. */
  yunet: {
    dims: ['N', 'H', 'W', 3],
    mean: 0,
    divisor: 1,
    reversed: true,
    outputs: ['cls_8', 'cls_16', 'cls_32', 'obj_8', 'obj_16', 'obj_32', 'bbox_8', 'bbox_16', 'bbox_32'],
  },
}

/**
 * A published .onnx detector with its pre-processing put in front: input `image` uint8 [N, H, W, 3] RGB (UltraFace: exactly
 * [1, 240, 320, 3]; YuNet: sides that are multiples of 32), outputs and weights as upstream.
 * @throws {FormatError} when the file is another network.
 */
export function importOnnxDetector(files: { readonly model: Uint8Array }, kind: keyof typeof RECIPES): Uint8Array {
  const { model, graph } = parseOnnx(files.model)
  const recipe: Recipe = RECIPES[kind]
  const constants = new Set(graph.initializer.map((tensor) => tensor.name))
  const input = graph.input.find(({ name }) => !constants.has(name))
  if (!input || !recipe.outputs.every((name) => graph.output.some((output) => output.name === name)))
    throw new FormatError(
      `Expected the ${kind} network, with outputs ${recipe.outputs.join(', ')}, but the file is another one.`,
    )
  graph.node.unshift(...preprocessing(recipe, input.name, graph.initializer))
  graph.input = [valueInfo('image', 'uint8', recipe.dims)]
  // Old exporters list weights among the inputs; from IR version 4 on they need not be, and the runtime folds them better.
  graph.output = graph.output.filter(({ name }) => recipe.outputs.includes(name))
  return toBinary(ModelProtoSchema, model)
}

function preprocessing(recipe: Recipe, result: string, constants: TensorProto[]): NodeProto[] {
  const steps: NodeProto[] = []
  const step = (
    opType: string,
    inputs: string[],
    attributes: Parameters<typeof attribute>[1] | undefined = undefined,
    name = '',
  ): string => {
    const output = `preprocess_${steps.length}`
    steps.push(
      create(NodeProtoSchema, {
        opType,
        name: output,
        input: inputs,
        output: [output],
        attribute: attributes === undefined ? [] : [attribute(name, attributes)],
      }),
    )
    return output
  }
  const constant = (name: string, type: 'float32' | 'int64', data: Float32Array | BigInt64Array): string => {
    constants.push(makeTensor(name, type, data, [data.length]))
    return name
  }
  let x = 'image'
  if (recipe.reversed)
    x = step('Gather', [x, constant('preprocess_order', 'int64', BigInt64Array.of(2n, 1n, 0n))], 3, 'axis')
  x = step('Cast', [step('Transpose', [x], [0, 3, 1, 2], 'perm')], DataType.FLOAT, 'to')
  if (recipe.mean !== 0) x = step('Sub', [x, constant('preprocess_mean', 'float32', Float32Array.of(recipe.mean))])
  if (recipe.divisor !== 1)
    x = step('Div', [x, constant('preprocess_divisor', 'float32', Float32Array.of(recipe.divisor))])
  steps.at(-1)!.output = [result]
  return steps
}
