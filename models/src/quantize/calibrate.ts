import type { Session, Tensor } from '@3ddfa/core'
import { toBinary } from '@bufbuild/protobuf'
import { FormatError } from '../formats/reader.ts'
import { ModelProtoSchema } from '../onnx/generated/onnx_pb.ts'
import { valueInfo } from '../onnx/graph-builder.ts'
import { bestRange, Histogram } from './histogram.ts'
import { parseOnnx } from './onnx-file.ts'
import { planQuantization } from './plan.ts'
import { raiseOpset } from './raise-opset.ts'
import type { ActivationRanges } from './ranges.ts'

/**
 * The network with the activations that `quantizeNetwork` needs ranges of as its outputs.
 * @throws {FormatError} when it has no convolution that can be quantized, or operators of an old version.
 */
export function exposeActivations(onnx: Uint8Array): Uint8Array {
  const { model, graph } = parseOnnx(onnx)
  raiseOpset(model)
  const { activations } = planQuantization(graph)
  if (activations.length === 0)
    throw new FormatError(
      'Expected a network of convolutions whose weights are float32 constants, but it has none of them (is it in 8 bits already?).',
    )
  graph.output = activations.map((name) => valueInfo(name, 'float32', ['N', `${name}_c`, `${name}_h`, `${name}_w`]))
  return toBinary(ModelProtoSchema, model)
}

/**
 * Ranges of a network's activations on pictures such as it will see; the largest ones are cut where that makes the sum of
 * squared errors smallest. Runs every picture twice.
 * @param session over what `exposeActivations` gives. @param pictures what the network's input `image` takes.
 */
export async function calibrate(session: Session, pictures: readonly Tensor[]): Promise<ActivationRanges> {
  const spans = new Map<string, { low: number; high: number }>()
  await overActivations(session, pictures, (name, data) => {
    const span = spans.get(name) ?? { low: 0, high: 0 }
    for (const value of data) {
      if (value < span.low) span.low = value
      if (value > span.high) span.high = value
    }
    spans.set(name, span)
  })
  const histograms = new Map([...spans].map(([name, { low, high }]) => [name, new Histogram(low, high)]))
  await overActivations(session, pictures, (name, data) => histograms.get(name)!.add(data))
  return Object.fromEntries([...histograms].map(([name, histogram]) => [name, bestRange(histogram)]))
}

async function overActivations(
  session: Session,
  pictures: readonly Tensor[],
  visit: (name: string, data: Float32Array) => void,
): Promise<void> {
  for (const image of pictures)
    for (const [name, { data }] of Object.entries(await session.run({ image }))) visit(name, data as Float32Array)
}
