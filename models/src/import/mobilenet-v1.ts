import type { GraphBuilder } from '../onnx/graph-builder.ts'
import { type Architecture, type Denormalization, denormalize, type Regressed } from './architecture.ts'
import { fromRgb, type StateDict } from './state-dict.ts'

/** Depthwise-separable blocks in order; those named here have stride 2. Source: 3DDFA_V2 models/mobilenet_v1.py. */
const BLOCKS = [
  'dw2_1',
  'dw2_2',
  'dw3_1',
  'dw3_2',
  'dw4_1',
  'dw4_2',
  'dw5_1',
  'dw5_2',
  'dw5_3',
  'dw5_4',
  'dw5_5',
  'dw5_6',
  'dw6',
]
const STRIDE_TWO = new Set(['dw2_2', 'dw3_2', 'dw4_2', 'dw5_6'])

/** MobileNetV1 at any width factor: the widths are those of the tensors. */
export const mobileNetV1: Architecture = (graph, x, state, output) => {
  let features = graph.relu(graph.conv(x, fromRgb(state.convBn('conv1', 'bn1'), 128), { stride: 2 }))
  for (const block of BLOCKS) {
    const depthwise = state.convBn(`${block}.conv_dw`, `${block}.bn_dw`)
    const stride = STRIDE_TWO.has(block) ? 2 : 1
    features = graph.relu(graph.conv(features, depthwise, { stride, groups: depthwise.shape[0] }))
    features = graph.relu(graph.conv(features, state.convBn(`${block}.conv_sep`, `${block}.bn_sep`)))
  }
  return head(graph, graph.node('GlobalAveragePool', [features]), state, output)
}

/** Flatten and the parameter layer, which checkpoints call `fc` or `fc_param`. */
export function head(graph: GraphBuilder, pooled: string, state: StateDict, output: Denormalization): Regressed {
  const name = state.has('fc_param.weight') ? 'fc_param' : 'fc'
  const { data, shape } = state.tensor(`${name}.weight`, 2)
  const { weight, bias } = denormalize(data, state.vector(`${name}.bias`, shape[0]!), output)
  const features = graph.node('Flatten', [pooled], { axis: 1 })
  return { params: graph.linear(features, weight, bias), features }
}
