import { readTorchCheckpoint } from '../formats/torch.ts'
import { GraphBuilder } from '../onnx/graph-builder.ts'
import { fromRgb, StateDict, stack } from './state-dict.ts'

/** What upstream subtracts, as R, G, B. */
const MEAN = [123, 117, 104]

/**
 * FaceBoxes (`FaceBoxesProd.pth`) as ONNX: input `image` uint8 [N, H, W, 3] RGB; outputs `loc` float32 [N, A, 4] (offsets
 * from the priors) and `conf` float32 [N, A, 2] (background, face; they sum to 1). Source: 3DDFA_V2 FaceBoxes/models.
 * @throws {FormatError} when the file is something else.
 */
export function importFaceBoxes(files: { readonly checkpoint: Uint8Array }): Uint8Array {
  const state = new StateDict(readTorchCheckpoint(files.checkpoint), 'FaceBoxes network')
  const graph = new GraphBuilder()
  const image = graph.input('image', 'uint8', ['N', 'H', 'W', 3])
  const planes = graph.node('Transpose', [image], { perm: [0, 3, 1, 2] })
  // Zero padding comes after the mean is taken off, so the mean cannot go into the first layer's bias. Dequantisation by
  // scale 1 is cast and subtraction in one pass over the picture.
  const x = graph.node(
    'DequantizeLinear',
    [planes, graph.floats([1, 1, 1], [3]), graph.bytes(Uint8Array.from(MEAN), [3])],
    { axis: 1 },
  )
  const heads = backbone(graph, x, state).map((source, i) => head(graph, source, state, i))
  graph.output('loc', graph.concat(1, ...heads.map(({ loc }) => loc)), ['N', 'A', 4])
  graph.output('conf', graph.node('Softmax', [graph.concat(1, ...heads.map(({ conf }) => conf))], { axis: -1 }), [
    'N',
    'A',
    2,
  ])
  return graph.finish('FaceBoxes')
}

/** The three feature maps that boxes are read from: strides 32, 64, 128. */
function backbone(graph: GraphBuilder, x: string, state: StateDict): string[] {
  const cbr = (value: string, name: string, options = {}): string =>
    graph.relu(graph.conv(value, state.convBn(`${name}.conv`, `${name}.bn`), options))
  let features = pooledCrelu(graph, graph.conv(x, fromRgb(state.convBn('conv1.conv', 'conv1.bn')), { stride: 4 }))
  features = pooledCrelu(graph, graph.conv(features, state.convBn('conv2.conv', 'conv2.bn'), { stride: 2 }))
  for (const name of ['inception1', 'inception2', 'inception3']) features = inception(graph, features, state, name)
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
  const pool = (value: string): string =>
    graph.node('MaxPool', [value], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })
  return graph.relu(graph.concat(1, pool(x), pool(graph.node('Neg', [x]))))
}

function inception(graph: GraphBuilder, x: string, state: StateDict, name: string): string {
  const cbr = (value: string, part: string): string =>
    graph.relu(graph.conv(value, state.convBn(`${name}.${part}.conv`, `${name}.${part}.bn`)))
  const average = graph.node('AveragePool', [x], {
    kernel_shape: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  })
  const deep = cbr(cbr(cbr(x, 'branch3x3_reduce_2'), 'branch3x3_2'), 'branch3x3_3')
  return graph.concat(
    1,
    cbr(x, 'branch1x1'),
    cbr(average, 'branch1x1_2'),
    cbr(cbr(x, 'branch3x3_reduce'), 'branch3x3'),
    deep,
  )
}

/** Offsets and scores of one map from one convolution, split behind it: one pass over the features instead of two. */
function head(graph: GraphBuilder, source: string, state: StateDict, index: number): { loc: string; conf: string } {
  const loc = state.conv(`loc.${index}`)
  const both = graph.conv(source, stack(loc, state.conv(`conf.${index}`)))
  const places = graph.node('Transpose', [both], { perm: [0, 2, 3, 1] })
  const part = (from: number, to: number, width: number): string =>
    graph.node('Reshape', [
      graph.node('Slice', [places, graph.integers(from), graph.integers(to), graph.integers(3)]),
      graph.integers(0, -1, width),
    ])
  return { loc: part(0, loc.shape[0], 4), conf: part(loc.shape[0], loc.shape[0] * 1.5, 2) }
}
