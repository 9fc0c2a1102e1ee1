import type { GraphBuilder } from '../onnx/graph-builder.ts'
import { type Architecture, denormalize } from './architecture.ts'
import { fromRgb, type StateDict } from './state-dict.ts'

const LAYERS = [3, 4, 3]

/** Source: 3DDFA_V2 models/resnet.py (`resnet22`). */
export const resNet22: Architecture = (graph, x, state, output) => {
  let features = graph.relu(graph.conv(x, fromRgb(state.convBn('conv1', 'bn1'), 128), { stride: 2 }))
  features = graph.relu(graph.conv(features, state.convBn('conv2', 'bn2')))
  LAYERS.forEach((blocks, layer) => {
    for (let block = 0; block < blocks; block++)
      features = basicBlock(graph, features, state, `layer${layer + 1}.${block}`, block === 0 ? 2 : 1)
  })
  const { weight, bias, shape } = state.conv('conv_param')
  // A 1x1 convolution and the mean over all places commute with the affine de-normalisation.
  const params = graph.conv(features, { ...denormalize(weight, bias, output), shape })
  return { params: graph.node('Flatten', [graph.node('GlobalAveragePool', [params])], { axis: 1 }) }
}

function basicBlock(graph: GraphBuilder, x: string, state: StateDict, name: string, stride: number): string {
  const first = graph.relu(graph.conv(x, state.convBn(`${name}.conv1`, `${name}.bn1`), { stride }))
  const second = graph.conv(first, state.convBn(`${name}.conv2`, `${name}.bn2`))
  const skip = state.has(`${name}.downsample.0.weight`)
    ? graph.conv(x, state.convBn(`${name}.downsample.0`, `${name}.downsample.1`), { stride })
    : x
  return graph.relu(graph.node('Add', [second, skip]))
}
