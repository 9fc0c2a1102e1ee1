/**
 * Writes the bytes of small ONNX networks for the tests: one node each, every input named and shaped as asked. Field numbers
 * as in onnx.proto.
 */
export interface TinyValue {
  readonly name: string
  readonly type: keyof typeof ELEMENT
  /** A string is a dimension that may vary. */
  readonly dims: readonly (number | string)[]
}

const ELEMENT = { float32: 1, uint8: 2, int32: 6, int64: 7, float64: 11 } as const

export function tinyNetwork(
  op: string,
  inputs: readonly TinyValue[],
  output: TinyValue,
  attributes: Record<string, number> = {},
): Uint8Array {
  const node = [
    ...inputs.map((input) => text(1, input.name)),
    text(2, output.name),
    text(4, op),
    ...Object.entries(attributes).map(([name, i]) => message(5, text(1, name), integer(3, i), integer(20, 2))),
  ]
  const graph = [
    message(1, ...node),
    text(2, 'tiny'),
    ...inputs.map((input) => message(11, ...value(input))),
    message(12, ...value(output)),
  ]
  return Uint8Array.from([integer(1, 8), message(7, ...graph), message(8, integer(2, 17))].flat())
}

function value({ name, type, dims }: TinyValue): number[][] {
  const shape = dims.map((dim) => message(1, typeof dim === 'number' ? integer(1, dim) : text(2, dim)))
  return [text(1, name), message(2, message(1, integer(1, ELEMENT[type]), message(2, ...shape)))]
}

function message(field: number, ...parts: readonly number[][]): number[] {
  const body = parts.flat()
  return [...varint((field << 3) | 2), ...varint(body.length), ...body]
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)])
}

function integer(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)]
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]
}
