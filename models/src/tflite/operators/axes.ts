import { FormatError } from '../../formats/reader.ts'
import { BuiltinOptions } from '../generated/tflite/builtin-options.ts'
import { ConcatenationOptions } from '../generated/tflite/concatenation-options.ts'
import { GatherOptions } from '../generated/tflite/gather-options.ts'
import { PackOptions } from '../generated/tflite/pack-options.ts'
import { ReducerOptions } from '../generated/tflite/reducer-options.ts'
import { ReshapeOptions } from '../generated/tflite/reshape-options.ts'
import { SqueezeOptions } from '../generated/tflite/squeeze-options.ts'
import { UnpackOptions } from '../generated/tflite/unpack-options.ts'
import type { LiteOperator } from '../read-model.ts'
import type { Layout, Translation } from '../translation.ts'
import { activate, needOptions, optionsOf, type Translate } from './options.ts'
import { slice } from './slices.ts'

export const reshape: Translate = (t, operator) => {
  const [x, shape = -1] = operator.inputs
  t.set(operator.outputs[0], t.graph.node('Reshape', [t.get(x), target(t, operator, shape)], { allowzero: 1 }))
}

function target(t: Translation, operator: LiteOperator, shape: number): string {
  if (shape >= 0 && !t.tensor(shape).data) return t.get(shape)
  const o = optionsOf(operator, BuiltinOptions.ReshapeOptions, new ReshapeOptions())
  const fixed =
    shape >= 0 ? t.integers(operator, 1) : Array.from({ length: o?.newShapeLength() ?? 0 }, (_, i) => o!.newShape(i)!)
  // Converters write the batch size that they saw; where the file says that it may vary, it may.
  const free = t.tensor(operator.outputs[0]).shape
  const may = free.length === fixed.length && free.filter((dim) => dim < 0).length === 1 && !fixed.includes(-1)
  return t.graph.integers(...fixed.map((dim, axis) => (may && free[axis]! < 0 ? -1 : dim)))
}

export const transpose: Translate = (t, operator) => {
  const [x] = operator.inputs
  const perm = t.integers(operator, 1)
  if (new Set(perm.map((axis) => t.axis(x!, axis, 'natural'))).size !== t.tensor(x).shape.length)
    throw new FormatError('The .tflite file is damaged: a transposition is no order of axes.')
  t.set(
    operator.outputs[0],
    t.graph.node('Transpose', [t.get(x)], { perm: perm.map((axis) => t.axis(x!, axis, 'natural')) }),
  )
}

export const concatenation: Translate = (t, operator) => {
  const o = needOptions(operator, BuiltinOptions.ConcatenationOptions, new ConcatenationOptions())
  const layout: Layout = operator.inputs.some((x) => t.isPlanes(x)) ? 'planes' : 'natural'
  const [output] = operator.outputs
  const values = operator.inputs.map((x) => t.get(x, layout))
  const y = t.graph.concat(t.axis(output!, o.axis(), layout), ...values)
  t.set(output, activate(t, y, o.fusedActivationFunction()), layout)
}

export const mean: Translate = (t, operator) => reduce(t, operator, 'ReduceMean')
export const reduceMax: Translate = (t, operator) => reduce(t, operator, 'ReduceMax')

function reduce(t: Translation, operator: LiteOperator, opType: string): void {
  const [x] = operator.inputs
  const keep = optionsOf(operator, BuiltinOptions.ReducerOptions, new ReducerOptions())?.keepDims() ?? false
  const axes = t.integers(operator, 1)
  // What is left of planes without the picture's axes lies as it does without planes.
  const picture =
    axes
      .map((axis) => t.axis(x!, axis, 'natural'))
      .sort()
      .join() === '1,2'
  const layout: Layout = keep || picture ? t.layoutOf(x!) : 'natural'
  const y = t.graph.node(opType, [t.get(x, layout)], {
    axes: axes.map((axis) => t.axis(x!, axis, layout)),
    keepdims: keep ? 1 : 0,
  })
  t.set(operator.outputs[0], y, keep ? layout : 'natural')
}

export const squeeze: Translate = (t, operator) => {
  const [x] = operator.inputs
  const o = optionsOf(operator, BuiltinOptions.SqueezeOptions, new SqueezeOptions())
  const { shape } = t.tensor(x)
  const given = Array.from({ length: o?.squeezeDimsLength() ?? 0 }, (_, i) => t.axis(x!, o!.squeezeDims(i)!, 'natural'))
  const axes = given.length > 0 ? given : shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []))
  t.set(operator.outputs[0], t.graph.node('Squeeze', [t.get(x), t.graph.integers(...axes)]))
}

export const expandDims: Translate = (t, operator) => {
  const axes = t.graph.integers(...t.integers(operator, 1))
  t.set(operator.outputs[0], t.graph.node('Unsqueeze', [t.get(operator.inputs[0]), axes]))
}

export const pack: Translate = (t, operator) => {
  const axis = optionsOf(operator, BuiltinOptions.PackOptions, new PackOptions())?.axis() ?? 0
  const [output] = operator.outputs
  const at = t.axis(output!, axis, 'natural')
  const values = operator.inputs.map((x) => t.graph.node('Unsqueeze', [t.get(x), t.graph.integers(at)]))
  t.set(output, t.graph.concat(at, ...values))
}

export const unpack: Translate = (t, operator) => {
  const [x] = operator.inputs
  const axis = t.axis(
    x!,
    optionsOf(operator, BuiltinOptions.UnpackOptions, new UnpackOptions())?.axis() ?? 0,
    'natural',
  )
  operator.outputs.forEach((output, i) => {
    const part = slice(t, t.get(x), [{ axis, from: i, to: i + 1 }])
    t.set(output, t.graph.node('Squeeze', [part, t.graph.integers(axis)]))
  })
}

export const gather: Translate = (t, operator) => {
  const [x, indices] = operator.inputs
  const o = optionsOf(operator, BuiltinOptions.GatherOptions, new GatherOptions())
  if (o?.batchDims()) throw new FormatError('The operator GATHER with batch dimensions is not supported.')
  t.set(
    operator.outputs[0],
    t.graph.node('Gather', [t.get(x), t.get(indices)], { axis: t.axis(x!, o?.axis() ?? 0, 'natural') }),
  )
}

/** The shape of a value, always in TensorFlow Lite's order of axes. */
export const shape: Translate = (t, operator) => {
  const [x] = operator.inputs
  const layout = t.layoutOf(x!)
  const dims = t.graph.node('Shape', [t.get(x, layout)])
  t.set(
    operator.outputs[0],
    layout === 'natural' ? dims : t.graph.node('Gather', [dims, t.graph.integers(0, 2, 3, 1)], { axis: 0 }),
  )
}
