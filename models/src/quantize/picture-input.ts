import type { NodeProto } from '../onnx/generated/onnx_pb.ts'
import type { NetworkView } from './network-view.ts'
import { floatsOf } from './onnx-file.ts'

/** A picture as the first convolution takes it, still as bytes. */
export interface PictureInput {
  /** The tensor of bytes. */
  readonly bytes: string
  /** number = scale * (byte - mean of its channel). */
  readonly scale: number
  readonly mean: readonly number[]
  /** Nodes that made numbers of the bytes. */
  readonly replaced: readonly NodeProto[]
}

/**
 * Follows a tensor back to the bytes of the picture through the arithmetic of its normalisation; undefined when it is made in
 * another way.
 */
export function findPictureInput(view: NetworkView, tensor: string, channels: number): PictureInput | undefined {
  const replaced: NodeProto[] = []
  // number = scale * value + offset, where value is what the tensor holds that was reached so far.
  let scale = 1
  let offset: number[] = Array(channels).fill(0)
  for (let name = tensor; ; ) {
    const node = view.producer(name)
    // What something else takes as well has to stay.
    if (!node || !view.onlyConsumer(name)) return undefined
    replaced.push(node)
    const constant = view.constant(node.input[1])
    const values = constant && floatsOf(constant)
    const at = (c: number): number => values![values!.length === 1 ? 0 : c]!
    name = node.input[0]!
    if (node.opType === 'Cast') {
      const bytes = name
      return { bytes, scale, mean: offset.map((o) => -o / scale), replaced }
    }
    if (!values || ![1, channels].includes(values.length)) return undefined
    if (node.opType === 'DequantizeLinear') {
      if (values.some((v) => v !== values[0])) return undefined
      const zero = view.constant(node.input[2])
      const zeros = (zero && floatsOf(zero)) ?? new Float32Array(1)
      const factor = scale * values[0]!
      offset = offset.map((o, c) => o - factor * zeros[zeros.length === 1 ? 0 : c]!)
      return { bytes: name, scale: factor, mean: offset.map((o) => -o / factor), replaced }
    }
    if (node.opType === 'Sub') offset = offset.map((o, c) => o - scale * at(c))
    else if (node.opType === 'Add') offset = offset.map((o, c) => o + scale * at(c))
    else if (node.opType === 'Div' && values.length === 1) scale /= values[0]!
    else if (node.opType === 'Mul' && values.length === 1) scale *= values[0]!
    else return undefined
  }
}
