import { asFloat32, permute } from '../formats/array.ts'
import { FormatError } from '../formats/reader.ts'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import { samePadding } from '../onnx/same-padding.ts'
import { type CheckpointVariable, readCheckpointIndex, readCheckpointVariable } from '../tensorflow/checkpoint.ts'

/** Side of the picture and of the position map. */
const SIZE = 256
/** The network's results are shares of this: a tenth more than the picture. Source: PRNet `predictor.py`. */
const EXTENT = SIZE * 1.1
/** Of `tf.contrib.layers.batch_norm`. */
const EPSILON = 1e-3
const KERNEL = 4
const ROOT = 'resfcn256'

/** Channels of the ten residual blocks in units of the first layer's, each pair with stride 2, then 1. */
const BLOCKS = [2, 2, 4, 4, 8, 8, 16, 16, 32, 32]
/** Channels (in the same units; negative: as many) and stride of the 17 transposed convolutions. */
const DECODER: readonly (readonly [channels: number, stride: number])[] = [
  [32, 1],
  [16, 2],
  [16, 1],
  [16, 1],
  [8, 2],
  [8, 1],
  [8, 1],
  [4, 2],
  [4, 1],
  [4, 1],
  [2, 2],
  [2, 1],
  [1, 2],
  [1, 1],
  [-3, 1],
  [-3, 1],
  [-3, 1],
]

/** A TensorFlow checkpoint: `NAME.index` and `NAME.data-00000-of-00001`. */
export interface CheckpointFiles {
  readonly index: Uint8Array
  readonly data: Uint8Array
}

/** A variable that the network needs. */
export interface ExpectedVariable {
  readonly name: string
  readonly shape: readonly number[]
}

/**
 * Names and shapes of all variables of PRNet's network; those that only training needs (`/Adam`) are left out.
 * @param width channels of the first layer; 16 in the published network.
 */
export function positionMapVariables(width = 16): ExpectedVariable[] {
  const list: ExpectedVariable[] = []
  layers(width, {
    conv: (name, shape) => list.push({ name: `${ROOT}/${name}/weights`, shape }),
    norm: (name, channels) => {
      for (const part of ['beta', 'gamma', 'moving_mean', 'moving_variance'])
        list.push({ name: `${ROOT}/${name}/BatchNorm/${part}`, shape: [channels] })
    },
  })
  return list
}

interface Visitor {
  conv(name: string, shape: readonly [number, number, number, number]): void
  norm(name: string, channels: number): void
}

function layers(width: number, visit: Visitor): void {
  const normed = (name: string, shape: readonly [number, number, number, number], out = shape[3]): void => {
    visit.conv(name, shape)
    visit.norm(name, out)
  }
  normed('Conv', [KERNEL, KERNEL, 3, width])
  let inputs = width
  BLOCKS.forEach((factor, i) => {
    const [name, out, half] = [blockName(i), factor * width, (factor * width) / 2]
    if (i % 2 === 0) visit.conv(`${name}/shortcut`, [1, 1, inputs, out])
    normed(`${name}/Conv`, [1, 1, inputs, half])
    normed(`${name}/Conv_1`, [KERNEL, KERNEL, half, half])
    visit.conv(`${name}/Conv_2`, [1, 1, half, out])
    visit.norm(name, out)
    inputs = out
  })
  DECODER.forEach(([factor], i) => {
    const out = factor < 0 ? -factor : factor * width
    normed(decoderName(i), [KERNEL, KERNEL, out, inputs], out)
    inputs = out
  })
}

const blockName = (i: number): string => (i === 0 ? 'resBlock' : `resBlock_${i}`)
const decoderName = (i: number): string => (i === 0 ? 'Conv2d_transpose' : `Conv2d_transpose_${i}`)

/**
 * PRNet's network (`256_256_resfcn256_weight`) as ONNX: input `image` uint8 [N, 256, 256, 3] RGB, output `positions` float32
 * [N, 256, 256, 3] with x, y (down) and z (larger is nearer) in pixels of the input for each cell of the UV grid. Batch norms are
 * folded, scaling is inside, paddings are TensorFlow's.
 * @throws {FormatError} when the files are something else, cut short or damaged.
 */
export function importPositionMapNetwork(files: CheckpointFiles): Uint8Array {
  const weights = new Weights(files)
  const graph = new GraphBuilder()
  const image = graph.input('image', 'uint8', ['N', SIZE, SIZE, 3])
  const planes = graph.node('Cast', [graph.node('Transpose', [image], { perm: [0, 3, 1, 2] })], { to: 1 })
  let x = new Features(graph, weights, planes, SIZE).conv('Conv', { scale: 1 / 255 })
  BLOCKS.forEach((_, i) => {
    x = x.block(blockName(i), i % 2 === 0 ? 2 : 1)
  })
  DECODER.forEach(([, stride], i) => {
    x = x.transposed(decoderName(i), stride, i === DECODER.length - 1 ? 'Sigmoid' : 'Relu')
  })
  const pixels = graph.node('Mul', [x.value, graph.floats([EXTENT], [])])
  graph.output('positions', graph.node('Transpose', [pixels], { perm: [0, 2, 3, 1] }), ['N', SIZE, SIZE, 3])
  return graph.finish('PRNet')
}

/** What a batch norm does, a channel: scale * x + shift. */
interface Norm {
  readonly scale: Float64Array
  readonly shift: Float64Array
}

/** The checkpoint, checked for completeness before a number is read. */
class Weights {
  readonly #variables: ReadonlyMap<string, CheckpointVariable>
  readonly #data: Uint8Array

  constructor({ index, data }: CheckpointFiles) {
    this.#variables = readCheckpointIndex(index)
    this.#data = data
    const width = this.#variables.get(`${ROOT}/Conv/weights`)?.shape[3] ?? 16
    for (const { name, shape } of positionMapVariables(width)) {
      const found = this.#variables.get(name)
      if (found?.shape.join() !== shape.join())
        throw new FormatError(
          `The checkpoint is not PRNet's: ${name} ${found ? `has the shape (${found.shape.join(', ')})` : 'is missing'}, expected (${shape.join(', ')}).`,
        )
    }
  }

  get(name: string): { data: Float32Array; shape: readonly number[] } {
    const variable = this.#variables.get(`${ROOT}/${name}`)!
    return { data: asFloat32(readCheckpointVariable(variable, this.#data)), shape: variable.shape }
  }

  norm(name: string): Norm {
    const [beta, gamma, mean, variance] = ['beta', 'gamma', 'moving_mean', 'moving_variance'].map(
      (part) => this.get(`${name}/BatchNorm/${part}`).data,
    )
    const scale = Float64Array.from(gamma!, (g, i) => g / Math.sqrt(variance![i]! + EPSILON))
    return { scale, shift: Float64Array.from(beta!, (b, i) => b - mean![i]! * scale[i]!) }
  }
}

interface ConvSettings {
  readonly stride?: number
  readonly norm?: Norm
  /** Whether the norm's shift goes into this convolution. */
  readonly shifted?: boolean
  /** What the input is multiplied with. */
  readonly scale?: number
}

/** A picture of features [N, C, size, size] on its way through the network. */
class Features {
  constructor(
    readonly graph: GraphBuilder,
    readonly weights: Weights,
    readonly value: string,
    readonly size: number,
  ) {}

  /** Convolution, batch norm, ReLU. */
  conv(name: string, { stride = 1, scale = 1 }: Pick<ConvSettings, 'stride' | 'scale'> = {}): Features {
    const value = this.#conv(name, { stride, scale, norm: this.weights.norm(name), shifted: true })
    return this.#next(this.graph.relu(value), this.size / stride)
  }

  /** Source: PRNet `predictor.py` `resBlock`: the batch norm comes behind the sum, so its scale goes into both of its parts. */
  block(name: string, stride: number): Features {
    const { graph } = this
    const norm = this.weights.norm(name)
    const skip =
      stride === 2
        ? this.#conv(`${name}/shortcut`, { stride, norm })
        : graph.node('Mul', [this.value, graph.floats(Float32Array.from(norm.scale), [norm.scale.length, 1, 1])])
    const deep = this.conv(`${name}/Conv`).conv(`${name}/Conv_1`, { stride })
    const sum = graph.node('Add', [deep.#conv(`${name}/Conv_2`, { norm, shifted: true }), skip])
    return this.#next(graph.relu(sum), this.size / stride)
  }

  transposed(name: string, stride: number, activation: string): Features {
    const { data, shape } = this.weights.get(`${name}/weights`)
    const [height, width, out, inputs] = shape as [number, number, number, number]
    const { scale, shift } = this.weights.norm(name)
    const kernel = permute(data, shape, [3, 2, 0, 1]).map((w, i) => w * scale[Math.floor(i / (height * width)) % out]!)
    // The gradient of a convolution from the result to this, which pads as that does.
    const [before, behind] = samePadding(this.size * stride, KERNEL, stride)
    const { graph } = this
    const value = graph.node(
      'ConvTranspose',
      [this.value, graph.floats(kernel, [inputs, out, height, width]), graph.floats(Float32Array.from(shift), [out])],
      { kernel_shape: [height, width], strides: [stride, stride], pads: [before, before, behind, behind] },
    )
    return this.#next(graph.node(activation, [value]), this.size * stride)
  }

  #conv(name: string, { stride = 1, norm, shifted = false, scale: factor = 1 }: ConvSettings): string {
    const { data, shape } = this.weights.get(`${name}/weights`)
    const [height, width, inputs, out] = shape as [number, number, number, number]
    const size = height * width * inputs
    const kernel = permute(data, shape, [3, 2, 0, 1]).map(
      (w, i) => w * factor * (norm?.scale[Math.floor(i / size)] ?? 1),
    )
    const bias = shifted && norm ? Float32Array.from(norm.shift) : new Float32Array(out)
    const [before, behind] = samePadding(this.size, height, stride)
    const { graph } = this
    const inputsOf = [this.value, graph.floats(kernel, [out, inputs, height, width]), graph.floats(bias, [out])]
    return graph.node('Conv', inputsOf, {
      kernel_shape: [height, width],
      strides: [stride, stride],
      pads: [before, before, behind, behind],
    })
  }

  #next(value: string, size: number): Features {
    return new Features(this.graph, this.weights, value, size)
  }
}
