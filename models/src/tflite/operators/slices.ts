import { FormatError } from '../../formats/reader.ts'
import { BuiltinOptions } from '../generated/tflite/builtin-options.ts'
import { StridedSliceOptions } from '../generated/tflite/strided-slice-options.ts'
import type { Translation } from '../translation.ts'
import { needOptions, type Translate } from './options.ts'

/** Behind the end of any axis, and before its start. */
const END = 2 ** 31
const START = -(2 ** 31)

interface Cut {
  readonly axis: number
  readonly from: number
  readonly to: number
  readonly step?: number
}

export function slice(t: Translation, x: string, cuts: readonly Cut[]): string {
  const { graph } = t
  return graph.node('Slice', [
    x,
    graph.integers(...cuts.map(({ from }) => from)),
    graph.integers(...cuts.map(({ to }) => to)),
    graph.integers(...cuts.map(({ axis }) => axis)),
    graph.integers(...cuts.map(({ step = 1 }) => step)),
  ])
}

/** Inputs: value, first index and length along each axis; length -1 reaches to the end. */
export const plainSlice: Translate = (t, operator) => {
  const [x] = operator.inputs
  const layout = t.layoutOf(x!)
  const begin = t.integers(operator, 1)
  const size = t.integers(operator, 2)
  const cuts = begin.map((from, axis) => ({
    axis: t.axis(x!, axis, layout),
    from,
    to: size[axis] === -1 ? END : from + (size[axis] ?? 0),
  }))
  t.set(operator.outputs[0], slice(t, t.get(x, layout), cuts), layout)
}

/** Python's slices: inputs value, begin, end, step. Axes in `shrink` are indexed and vanish. */
export const stridedSlice: Translate = (t, operator) => {
  const o = needOptions(operator, BuiltinOptions.StridedSliceOptions, new StridedSliceOptions())
  if (o.ellipsisMask() || o.newAxisMask() || o.offset())
    throw new FormatError('The operator STRIDED_SLICE with an ellipsis, new axes or offsets is not supported.')
  const [x] = operator.inputs
  const [begin, end, step] = [1, 2, 3].map((input) => t.integers(operator, input)) as [number[], number[], number[]]
  const isSet = (mask: number, axis: number): boolean => ((mask >> axis) & 1) === 1
  const shrunk = begin.flatMap((_, axis) => (isSet(o.shrinkAxisMask(), axis) ? [axis] : []))
  const layout = t.isPlanes(x!) && shrunk.length === 0 ? 'planes' : 'natural'
  const cuts = begin.map((from, axis): Cut => {
    const place = t.axis(x!, axis, layout)
    if (shrunk.includes(axis)) return { axis: place, from, to: from === -1 ? END : from + 1 }
    const forward = step[axis]! > 0
    const first = isSet(o.beginMask(), axis) ? (forward ? 0 : END) : from
    const last = isSet(o.endMask(), axis) ? (forward ? END : START) : end[axis]!
    return { axis: place, from: first, to: last, step: step[axis]! }
  })
  if (cuts.some((cut) => cut.step === 0)) throw new FormatError('The .tflite file is damaged: a slice with steps of 0.')
  const part = slice(t, t.get(x, layout), cuts)
  const [output] = operator.outputs
  if (shrunk.length === 0) return t.set(output, part, layout)
  t.set(output, t.graph.node('Squeeze', [part, t.graph.integers(...shrunk)]))
}

/** Inputs: axis, value. Equal parts. */
export const split: Translate = (t, operator) => {
  const count = operator.outputs.length
  const axis = t.integers(operator, 0)[0] ?? 0
  const x = operator.inputs[1]
  const length = t.tensor(x).shape[t.axis(x!, axis, 'natural')]!
  if (!(length > 0) || length % count !== 0)
    throw new FormatError(`The .tflite file is damaged: ${length} places cannot be split into ${count} equal parts.`)
  cut(
    t,
    x!,
    axis,
    operator.outputs,
    Array.from({ length: count }, () => length / count),
  )
}

/** Inputs: value, sizes, axis. One size may be -1: the rest. */
export const splitV: Translate = (t, operator) => {
  const [x] = operator.inputs
  const sizes = t.integers(operator, 1)
  const axis = t.integers(operator, 2)[0] ?? 0
  const length = t.tensor(x).shape[t.axis(x!, axis, 'natural')]!
  const known = sizes.filter((size) => size >= 0).reduce((a, b) => a + b, 0)
  const all = sizes.map((size) => (size < 0 ? length - known : size))
  if (all.some((size) => size < 0) || all.length !== operator.outputs.length)
    throw new FormatError('The .tflite file is damaged: parts of a split do not add up.')
  cut(t, x!, axis, operator.outputs, all)
}

function cut(t: Translation, x: number, axis: number, outputs: readonly number[], sizes: readonly number[]): void {
  const layout = t.layoutOf(x)
  const place = t.axis(x, axis, layout)
  let from = 0
  outputs.forEach((output, i) => {
    t.set(output, slice(t, t.get(x, layout), [{ axis: place, from, to: from + sizes[i]! }]), layout)
    from += sizes[i]!
  })
}
