import { FormatError } from '../formats/reader.ts'
import type { GraphBuilder } from '../onnx/graph-builder.ts'
import type { Architecture } from './architecture.ts'
import { head } from './mobilenet-v1.ts'
import { fromRgb, type StateDict } from './state-dict.ts'

interface Block {
  readonly stride: number
  /** Hard swish instead of ReLU. */
  readonly swish: boolean
}

const block = (stride: number, swish: boolean): Block => ({ stride, swish })

/** What the tensors do not tell: strides and activations. Source: 3DDFA_V2 models/mobilenet_v3.py. */
const SMALL = [
  block(2, false),
  block(2, false),
  block(1, false),
  block(2, true),
  block(1, true),
  block(1, true),
  block(1, true),
  block(1, true),
  block(2, true),
  block(1, true),
  block(1, true),
]
const LARGE = [
  ...[block(1, false), block(2, false), block(1, false), block(2, false), block(1, false), block(1, false)],
  ...[
    block(2, true),
    block(1, true),
    block(1, true),
    block(1, true),
    block(1, true),
    block(1, true),
    block(2, true),
    block(1, true),
    block(1, true),
  ],
]

/** MobileNetV3 small or large, at any width; expansion, kernels and squeeze-excitation are read off the tensors. */
export const mobileNetV3: Architecture = (graph, x, state, output) => {
  const blocks = [SMALL, LARGE].find(
    (table) =>
      state.has(`features.${table.length}.conv.0.weight`) && !state.has(`features.${table.length + 1}.conv.0.weight`),
  )
  if (!blocks) throw new FormatError('The checkpoint is neither MobileNetV3 small (11 blocks) nor large (15 blocks).')
  let features = hardSwish(
    graph,
    graph.conv(x, fromRgb(state.convBn('features.0.0', 'features.0.1'), 128), { stride: 2 }),
  )
  blocks.forEach((settings, i) => {
    features = bottleneck(graph, features, state, `features.${i + 1}.conv`, settings)
  })
  const last = blocks.length + 1
  features = hardSwish(graph, graph.conv(features, state.convBn(`features.${last}.0`, `features.${last}.1`)))
  const pooled = graph.node('GlobalAveragePool', [features])
  return head(graph, hardSwish(graph, graph.conv(pooled, state.conv(`features.${last + 2}`))), state, output)
}

function bottleneck(graph: GraphBuilder, x: string, state: StateDict, name: string, { stride, swish }: Block): string {
  const activate = (value: string): string => (swish ? hardSwish(graph, value) : graph.relu(value))
  const expand = state.convBn(`${name}.0`, `${name}.1`)
  const depthwise = state.convBn(`${name}.3`, `${name}.4`)
  const project = state.convBn(`${name}.7`, `${name}.8`)
  let features = activate(graph.conv(x, expand))
  features = graph.conv(features, depthwise, { stride, groups: depthwise.shape[0] })
  if (state.has(`${name}.5.fc.0.weight`)) features = squeezeExcite(graph, features, state, `${name}.5.fc`)
  features = graph.conv(activate(features), project)
  return stride === 1 && expand.shape[1] === project.shape[0] ? graph.node('Add', [x, features]) : features
}

function squeezeExcite(graph: GraphBuilder, x: string, state: StateDict, name: string): string {
  const squeeze = asConv(state, `${name}.0.weight`)
  const excite = asConv(state, `${name}.2.weight`)
  const gate = graph.conv(graph.relu(graph.conv(graph.node('GlobalAveragePool', [x]), squeeze)), excite)
  return graph.node('Mul', [x, graph.node('HardSigmoid', [gate], { alpha: 1 / 6, beta: 0.5 })])
}

/** A linear layer without bias, as a 1x1 convolution of the pooled features. */
function asConv(
  state: StateDict,
  name: string,
): { weight: Float32Array; bias: Float32Array; shape: [number, number, number, number] } {
  const { data, shape } = state.tensor(name, 2)
  return { weight: data, bias: new Float32Array(shape[0]!), shape: [shape[0]!, shape[1]!, 1, 1] }
}

const hardSwish = (graph: GraphBuilder, x: string): string => graph.node('HardSwish', [x])
