import { FormatError } from '../formats/reader.ts'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import { BuiltinOperator } from '../tflite/generated/tflite/builtin-operator.ts'
import { TensorType } from '../tflite/generated/tflite/tensor-type.ts'
import { OPERATORS } from '../tflite/operators/table.ts'
import { quantized } from '../tflite/operators/types.ts'
import { type LiteModel, type LiteOperator, readTflite } from '../tflite/read-model.ts'
import { Translation } from '../tflite/translation.ts'

export interface TfliteOptions {
  /** Names of the results in the file's order; those of the file unless given. */
  readonly outputs?: readonly string[] | undefined
  /**
   * Takes the network's only input as bytes under the name `image` and gives it (byte - mean) / divisor; its own numbers under
   * its own name unless given.
   */
  readonly image?: { readonly mean: number; readonly divisor: number } | undefined
}

/**
 * A TensorFlow Lite network as ONNX: inputs and outputs with the shapes, layout (pictures are N, H, W, C) and names of the file,
 * float32. Weights of 8 and 16 bits become float32; results that the file keeps in 8 bits are rounded to those steps, and
 * are given as the real numbers that they stand for.
 * @throws {FormatError} when the file is damaged, and that names an operator which is not supported.
 */
export function importTflite(bytes: Uint8Array, options: TfliteOptions = {}): Uint8Array {
  const model = readTflite(bytes)
  checkOperators(model)
  const graph = new GraphBuilder()
  const t = new Translation(graph, model)
  const names = uniqueNames(model)
  for (const index of model.inputs) t.set(index, inputOf(t, model, index, names.get(index)!, options))
  for (const operator of model.operators) translate(t, operator)
  model.outputs.forEach((index, i) => {
    const { shape, type, quantization } = t.tensor(index)
    const isInteger = (type === TensorType.INT32 || type === TensorType.INT64) && !quantization
    const value = isInteger ? graph.node('Cast', [t.get(index)], { to: 1 }) : t.get(index)
    graph.output(options.outputs?.[i] ?? names.get(index)!, value, shape.map(dimension))
  })
  return graph.finish('TensorFlow Lite')
}

/**
 * RFB-320 as Dense-Head-Pose-Estimation publishes it (`RFB-320.tflite`), with the inputs and outputs that `importOnnxDetector`
 * gives its original. The same (v - 127) / 128 goes in: the stretch of each picture to its own extremes, which that project
 * does, makes a face's score depend on what else is in the picture.
 * @throws {FormatError} when the file is another network.
 */
export function importTfliteUltraFace(files: { readonly model: Uint8Array }): Uint8Array {
  const { tensors, outputs } = readTflite(files.model)
  const widths = outputs.map((index) => tensors[index]!.shape.at(-1))
  if (widths.join() !== '4,2')
    throw new FormatError(
      `Expected the network RFB-320, with boxes and scores as outputs, in the .tflite file, but its outputs have ${widths.join(' and ')} columns.`,
    )
  return importTflite(files.model, { image: { mean: 127, divisor: 128 }, outputs: ['boxes', 'scores'] })
}

/** All unsupported operators at once, before anything is written. */
function checkOperators({ operators }: LiteModel): void {
  const unknown = [...new Set(operators.filter(({ kind }) => !OPERATORS[kind]).map(({ name }) => name))]
  if (unknown.length === 0) return
  const known = Object.keys(OPERATORS).map((kind) => BuiltinOperator[Number(kind)])
  throw new FormatError(
    `The .tflite file uses ${unknown.join(', ')}, which ${unknown.length === 1 ? 'is' : 'are'} not supported; these operators are: ${known.join(', ')}.`,
  )
}

function translate(t: Translation, operator: LiteOperator): void {
  OPERATORS[operator.kind]!(t, operator)
  for (const index of operator.outputs) {
    const { type, data, quantization } = t.tensor(index)
    if (!quantization || data) continue
    const layout = t.layoutOf(index)
    t.set(index, quantized(t, t.get(index, layout), type, quantization), layout)
  }
}

function inputOf(t: Translation, model: LiteModel, index: number, name: string, { image }: TfliteOptions): string {
  const { type, shape, quantization } = t.tensor(index)
  const dims = shape.map(dimension)
  if (type !== TensorType.FLOAT32 && !quantization)
    throw new FormatError(
      `The .tflite file takes ${TensorType[type] ?? type} as ${name}; networks that take float32 or quantised 8 bits are supported.`,
    )
  if (!image) {
    const x = t.graph.input(name, 'float32', dims)
    return quantization ? quantized(t, x, type, quantization) : x
  }
  if (model.inputs.length !== 1 || shape.length !== 4 || shape[3] !== 3)
    throw new FormatError('Expected a network with one picture N, H, W, 3 as its input in the .tflite file.')
  const { graph } = t
  const centred = graph.node('Sub', [
    graph.node('Cast', [graph.input('image', 'uint8', dims)], { to: 1 }),
    graph.floats([image.mean], []),
  ])
  return graph.node('Div', [centred, graph.floats([image.divisor], [])])
}

function dimension(dim: number, axis: number): number | string {
  return dim >= 0 ? dim : axis === 0 ? 'N' : `dim_${axis}`
}

/** Names of inputs and outputs as the file has them; what has none, or one twice, is numbered. */
function uniqueNames({ tensors, inputs, outputs }: LiteModel): Map<number, string> {
  const taken = new Set<string>()
  const names = new Map<number, string>()
  for (const index of new Set([...inputs, ...outputs])) {
    const own = tensors[index]!.name
    const name = own && !taken.has(own) ? own : `value_${index}`
    taken.add(name)
    names.set(index, name)
  }
  return names
}
