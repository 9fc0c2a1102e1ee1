import { readTorchCheckpoint } from '../formats/torch.ts'
import { type ConvWeights, GraphBuilder } from '../onnx/graph-builder.ts'
import { fromRgb, StateDict, stack } from './state-dict.ts'

/**
 * How the same network is written down: `float`, what is fastest in float32; `integer`, what `quantizeNetwork` takes best: nothing but
 * convolutions, rectifiers and pools, and outputs of different ranges apart.
 */
export type FaceBoxesForm = 'float' | 'integer'

/** What upstream subtracts, as R, G, B. */
const MEAN = [123, 117, 104]

/** Their mean, which stands for nothing where a picture of bytes is padded. */
const GREY = 115

/**
 * FaceBoxes (`FaceBoxesProd.pth`) as ONNX: input `image` uint8 [N, H, W, 3] RGB; outputs `loc` float32 [N, A, 4] (offsets
 * from the priors) and `conf` float32 [N, A, 2] (background, face; they sum to 1). Source: 3DDFA_V2 FaceBoxes/models.
 * @throws {FormatError} when the file is something else.
 */
export function importFaceBoxes(files: { readonly checkpoint: Uint8Array }, form: FaceBoxesForm = 'float'): Uint8Array {
  const state = new StateDict(readTorchCheckpoint(files.checkpoint), 'FaceBoxes network')
  const graph = new GraphBuilder()
  const image = graph.input('image', 'uint8', ['N', 'H', 'W', 3])
  const features = form === 'float' ? firstLayer(graph, image, state) : firstLayerOfBytes(graph, image, state)
  const heads = backbone(graph, features, state, form).map((source, i) => head(graph, source, state, i))
  graph.output('loc', graph.concat(1, ...heads.map(({ loc }) => loc)), ['N', 'A', 4])
  // The softmax of two numbers is the sigmoid of their difference, which the heads' weights take already.
  graph.output('conf', graph.node('Sigmoid', [graph.concat(1, ...heads.map(({ conf }) => conf))]), ['N', 'A', 2])
  return graph.finish('FaceBoxes')
}

function firstLayer(graph: GraphBuilder, image: string, state: StateDict): string {
  const planes = graph.node('Transpose', [image], { perm: [0, 3, 1, 2] })
  return pooledCrelu(graph, graph.conv(centred(graph, planes, 3), firstWeights(state), { stride: 4 }))
}

/**
 * The first layer over rows of four pixels, which is the same: pads a row to a multiple of four and takes 7x2 windows of 12
 * channels. Where a window is copied pixel by pixel, as by kernels of bytes, 12 bytes cost as much as 3.
 */
function firstLayerOfBytes(graph: GraphBuilder, image: string, state: StateDict): string {
  const width = graph.node('Slice', [graph.node('Shape', [image]), graph.integers(2), graph.integers(3)])
  const missing = graph.node('Mod', [graph.node('Neg', [width]), graph.integers(4)])
  const pads = graph.concat(0, graph.integers(0, 0, 0, 0, 0, 0), missing, graph.integers(0))
  const padded = graph.node('Pad', [image, pads, graph.byte(GREY)])
  const fours = graph.node('Reshape', [padded, graph.integers(0, 0, -1, 12)])
  const planes = graph.node('Transpose', [fours], { perm: [0, 3, 1, 2] })
  const { weight, bias, shape } = bothSigns(overFours(firstWeights(state)))
  const inputs = [centred(graph, planes, 12), graph.floats(weight, shape), graph.floats(bias, [shape[0]])]
  const both = graph.node('Conv', inputs, { kernel_shape: [7, 2], strides: [4, 1], pads: [3, 1, 3, 0] })
  return pool(graph, graph.relu(both))
}

function firstWeights(state: StateDict): ConvWeights {
  return fromRgb(state.convBn('conv1.conv', 'conv1.bn'))
}

/**
 * Zero padding comes after the mean is taken off, so the mean cannot go into the first layer's bias. Dequantisation by scale 1 is
 * cast and subtraction in one pass over the picture.
 */
function centred(graph: GraphBuilder, planes: string, channels: number): string {
  const means = Uint8Array.from({ length: channels }, (_, i) => MEAN[i % 3]!)
  const scales = new Float32Array(channels).fill(1)
  return graph.node('DequantizeLinear', [planes, graph.floats(scales, [channels]), graph.bytes(means, [channels])], {
    axis: 1,
  })
}

/** Weights [n][3][7][7] at stride 4 as [n][12][7][2] at stride 1 along a row: tap k looks at pixel 4i + k - 3. */
function overFours({ weight, bias, shape }: ConvWeights): ConvWeights {
  const out = new Float32Array(shape[0] * 12 * 7 * 2)
  weight.forEach((value, i) => {
    const [tap, y, channel, n] = [i % 7, Math.floor(i / 7) % 7, Math.floor(i / 49) % 3, Math.floor(i / 147)]
    const pixel = tap + 1
    out[((n * 12 + (pixel % 4) * 3 + channel) * 7 + y) * 2 + Math.floor(pixel / 4)] = value
  })
  return { weight: out, bias, shape: [shape[0], 12, 7, 2] }
}

/** The three feature maps that boxes are read from: strides 32, 64, 128. */
function backbone(graph: GraphBuilder, first: string, state: StateDict, form: FaceBoxesForm): string[] {
  const cbr = (value: string, name: string, options = {}): string =>
    graph.relu(graph.conv(value, state.convBn(`${name}.conv`, `${name}.bn`), options))
  let features = pooledCrelu(graph, graph.conv(first, state.convBn('conv2.conv', 'conv2.bn'), { stride: 2 }))
  for (const name of ['inception1', 'inception2', 'inception3'])
    features = inception(graph, features, state, name, form)
  const second = cbr(cbr(features, 'conv3_1'), 'conv3_2', { stride: 2 })
  const third = cbr(cbr(second, 'conv4_1'), 'conv4_2', { stride: 2 })
  return [features, second, third]
}

/**
 * Both signs of the input, rectified and max-pooled. Pooling first gives the same numbers from a quarter of the elements:
 * 12.5 ms against 12.8 for the whole network (1080x484, one thread). Measured slower: a convolution with both signs of its
 * weights (13.5; both layers 16.0), a 1x1 convolution by +1 and -1 (13.1), separate heads (13.2).
 */
function pooledCrelu(graph: GraphBuilder, x: string): string {
  return graph.relu(graph.concat(1, pool(graph, x), pool(graph, graph.node('Neg', [x]))))
}

/** A convolution with both signs of its weights: in bytes its products cost less than a detour through numbers. */
function bothSigns({ weight, bias, shape: [rows, ...rest] }: ConvWeights): ConvWeights {
  const twice = (data: Float32Array): Float32Array =>
    Float32Array.from({ length: 2 * data.length }, (_, i) => data[i] ?? -data[i - data.length]!)
  return { weight: twice(weight), bias: twice(bias), shape: [2 * rows, ...rest] }
}

function pool(graph: GraphBuilder, value: string): string {
  return graph.node('MaxPool', [value], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })
}

function inception(graph: GraphBuilder, x: string, state: StateDict, name: string, form: FaceBoxesForm): string {
  const weights = (part: string): ConvWeights => state.convBn(`${name}.${part}.conv`, `${name}.${part}.bn`)
  const cbr = (value: string, part: string): string => graph.relu(graph.conv(value, weights(part)))
  const averaged = weights('branch1x1_2')
  const deep = cbr(cbr(cbr(x, 'branch3x3_reduce_2'), 'branch3x3_2'), 'branch3x3_3')
  return graph.concat(
    1,
    cbr(x, 'branch1x1'),
    graph.relu(form === 'float' ? graph.conv(average(graph, x), averaged) : graph.conv(x, overAverage(averaged))),
    cbr(cbr(x, 'branch3x3_reduce'), 'branch3x3'),
    deep,
  )
}

function average(graph: GraphBuilder, x: string): string {
  return graph.node('AveragePool', [x], {
    kernel_shape: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  })
}

/** A 1x1 convolution behind a 3x3 average as one 3x3 convolution: averages of bytes are slow (0.35 ms each, 0.04 so). */
function overAverage({ weight, bias, shape: [out, inputs] }: ConvWeights): ConvWeights {
  const spread = Float32Array.from({ length: 9 * weight.length }, (_, i) => weight[Math.floor(i / 9)]! / 9)
  return { weight: spread, bias, shape: [out, inputs, 3, 3] }
}

interface Head {
  readonly loc: string
  readonly conf: string
}

/** Offsets and scores of one map from one convolution, split behind it: one pass over the features instead of two. */
function head(graph: GraphBuilder, source: string, state: StateDict, index: number): Head {
  const loc = state.conv(`loc.${index}`)
  const both = graph.conv(source, stack(loc, differences(state.conv(`conf.${index}`))))
  const places = graph.node('Transpose', [both], { perm: [0, 2, 3, 1] })
  const part = (from: number, to: number, width: number): string =>
    graph.node('Reshape', [
      graph.node('Slice', [places, graph.integers(from), graph.integers(to), graph.integers(3)]),
      graph.integers(0, -1, width),
    ])
  return { loc: part(0, loc.shape[0], 4), conf: part(loc.shape[0], loc.shape[0] * 1.5, 2) }
}

/** Of rows in pairs, what each is above the other. */
function differences({ weight, bias, shape }: ConvWeights): ConvWeights {
  const size = weight.length / shape[0]
  const other = (i: number, width: number): number => (Math.floor(i / width) % 2 === 0 ? i + width : i - width)
  return {
    weight: weight.map((value, i) => value - weight[other(i, size)]!),
    bias: bias.map((value, i) => value - bias[other(i, 1)]!),
    shape,
  }
}
