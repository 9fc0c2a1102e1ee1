import { FormatError } from '../../formats/reader.ts'
import { BuiltinOptions } from '../generated/tflite/builtin-options.ts'
import { ResizeBilinearOptions } from '../generated/tflite/resize-bilinear-options.ts'
import { ResizeNearestNeighborOptions } from '../generated/tflite/resize-nearest-neighbor-options.ts'
import type { LiteOperator } from '../read-model.ts'
import type { Translation } from '../translation.ts'
import { optionsOf, type Translate } from './options.ts'
import { slice } from './slices.ts'
import { spatial } from './window.ts'

/** Inputs: value, [rank][2] paddings before and behind, and (PADV2) what to pad with. */
export const pad: Translate = (t, operator) => {
  const [x, , filling = -1] = operator.inputs
  const layout = t.layoutOf(x!)
  const pairs = pairsOf(t, operator, 1)
  const rank = t.tensor(x).shape.length
  if (pairs.length !== rank) throw new FormatError('The .tflite file is damaged: paddings do not fit the padded value.')
  const pads = new Array<number>(2 * rank).fill(0)
  pairs.forEach(([before, behind], axis) => {
    const place = t.axis(x!, axis, layout)
    pads[place] = before
    pads[rank + place] = behind
  })
  const inputs = [t.get(x, layout), t.graph.integers(...pads)]
  if (filling >= 0) inputs.push(t.graph.floats([t.floats(filling)?.[0] ?? 0], []))
  t.set(operator.outputs[0], t.graph.node('Pad', inputs), layout)
}

export const resizeBilinear: Translate = (t, operator) => {
  const o = optionsOf(operator, BuiltinOptions.ResizeBilinearOptions, new ResizeBilinearOptions())
  const mode = o?.alignCorners() ? 'align_corners' : o?.halfPixelCenters() ? 'half_pixel' : 'asymmetric'
  resize(t, operator, { mode: 'linear', coordinate_transformation_mode: mode })
}

export const resizeNearest: Translate = (t, operator) => {
  const o = optionsOf(operator, BuiltinOptions.ResizeNearestNeighborOptions, new ResizeNearestNeighborOptions())
  const mode = o?.alignCorners() ? 'align_corners' : o?.halfPixelCenters() ? 'half_pixel' : 'asymmetric'
  // floor((x + 0.5) * scale), TensorFlow Lite's half pixels, is the nearest centre with ties to the right.
  const nearest = mode === 'asymmetric' ? 'floor' : 'round_prefer_ceil'
  resize(t, operator, { mode: 'nearest', coordinate_transformation_mode: mode, nearest_mode: nearest })
}

function resize(t: Translation, operator: LiteOperator, attributes: Record<string, string>): void {
  const [x] = operator.inputs
  const { graph } = t
  const picture = t.get(x, 'planes')
  const [height, width] = t.integers(operator, 1)
  if (!(height! > 0 && width! > 0 && height! * width! <= 2 ** 26))
    throw new FormatError(`The .tflite file is damaged: a picture is resized to ${width} x ${height}.`)
  const outer = graph.node('Slice', [graph.node('Shape', [picture]), graph.integers(0), graph.integers(2)])
  const sizes = graph.concat(0, outer, graph.integers(height!, width!))
  t.set(operator.outputs[0], graph.node('Resize', [picture, '', '', sizes], attributes), 'planes')
}

/** Inputs: pictures, block [2], paddings [2][2]. How dilated convolutions were once written: every block's pixels become a batch. */
export const spaceToBatch: Translate = (t, operator) => {
  const [x] = operator.inputs
  const [bh, bw] = blockOf(t, operator)
  const [[top, bottom], [left, right]] = pairsOf(t, operator, 2) as [[number, number], [number, number]]
  const { graph } = t
  const height = spatial(t.tensor(x), 0) + top + bottom
  const width = spatial(t.tensor(x), 1) + left + right
  const channels = t.tensor(x).shape[3]!
  if (height % bh !== 0 || width % bw !== 0)
    throw new FormatError('The .tflite file is damaged: blocks do not fit the picture.')
  const padded = graph.node('Pad', [t.get(x, 'planes'), graph.integers(0, 0, top, left, 0, 0, bottom, right)])
  const blocks = graph.node('Reshape', [padded, graph.integers(-1, channels, height / bh, bh, width / bw, bw)])
  const sorted = graph.node('Transpose', [blocks], { perm: [3, 5, 0, 1, 2, 4] })
  t.set(
    operator.outputs[0],
    graph.node('Reshape', [sorted, graph.integers(-1, channels, height / bh, width / bw)]),
    'planes',
  )
}

/** Inputs: pictures, block [2], crops [2][2]. The inverse of `spaceToBatch`. */
export const batchToSpace: Translate = (t, operator) => {
  const [x] = operator.inputs
  const [bh, bw] = blockOf(t, operator)
  const [[top, bottom], [left, right]] = pairsOf(t, operator, 2) as [[number, number], [number, number]]
  const { graph } = t
  const [height, width, channels] = [spatial(t.tensor(x), 0), spatial(t.tensor(x), 1), t.tensor(x).shape[3]!]
  const blocks = graph.node('Reshape', [t.get(x, 'planes'), graph.integers(bh, bw, -1, channels, height, width)])
  const sorted = graph.node('Transpose', [blocks], { perm: [2, 3, 4, 0, 5, 1] })
  const whole = graph.node('Reshape', [sorted, graph.integers(-1, channels, height * bh, width * bw)])
  const cuts = [
    { axis: 2, from: top, to: height * bh - bottom },
    { axis: 3, from: left, to: width * bw - right },
  ]
  t.set(operator.outputs[0], slice(t, whole, cuts), 'planes')
}

function blockOf(t: Translation, operator: LiteOperator): [number, number] {
  const block = t.integers(operator, 1)
  if (block.length !== 2 || !block.every((n) => n > 0))
    throw new FormatError(`The operator ${operator.name} is supported in two dimensions only.`)
  return block as [number, number]
}

/** Pairs of numbers that are not negative. */
function pairsOf(t: Translation, operator: LiteOperator, input: number): [number, number][] {
  const flat = t.integers(operator, input)
  if (flat.length % 2 !== 0 || flat.some((n) => n < 0 || n > 2 ** 16))
    throw new FormatError(`The .tflite file is damaged: ${operator.name} has paddings that are none.`)
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!])
}
