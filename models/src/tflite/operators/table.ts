import { BuiltinOperator as Op } from '../generated/tflite/builtin-operator.ts'
import {
  concatenation,
  expandDims,
  gather,
  mean,
  pack,
  reduceMax,
  reshape,
  shape,
  squeeze,
  transpose,
  unpack,
} from './axes.ts'
import { averagePool, conv2d, depthwiseConv2d, maxPool, transposeConv } from './convolutions.ts'
import { add, div, leakyRelu, maximum, minimum, mul, prelu, relu6, reluN1To1, rsqrt, same, sub } from './elementwise.ts'
import { batchMatMul, fullyConnected, softmax } from './matrices.ts'
import type { Translate } from './options.ts'
import { batchToSpace, pad, resizeBilinear, resizeNearest, spaceToBatch } from './pictures.ts'
import { plainSlice, split, splitV, stridedSlice } from './slices.ts'
import { cast, dequantize } from './types.ts'

/** What becomes of each operator that is supported. */
export const OPERATORS: Readonly<Partial<Record<Op, Translate>>> = {
  [Op.ABS]: same('Abs'),
  [Op.ADD]: add,
  [Op.AVERAGE_POOL_2D]: averagePool,
  [Op.BATCH_MATMUL]: batchMatMul,
  [Op.BATCH_TO_SPACE_ND]: batchToSpace,
  [Op.CAST]: cast,
  [Op.CONCATENATION]: concatenation,
  [Op.CONV_2D]: conv2d,
  [Op.DEPTHWISE_CONV_2D]: depthwiseConv2d,
  [Op.DEQUANTIZE]: dequantize,
  [Op.DIV]: div,
  [Op.ELU]: same('Elu'),
  [Op.EXP]: same('Exp'),
  [Op.EXPAND_DIMS]: expandDims,
  [Op.FULLY_CONNECTED]: fullyConnected,
  [Op.GATHER]: gather,
  [Op.HARD_SWISH]: same('HardSwish'),
  [Op.LEAKY_RELU]: leakyRelu,
  [Op.LOGISTIC]: same('Sigmoid'),
  [Op.MAXIMUM]: maximum,
  [Op.MAX_POOL_2D]: maxPool,
  [Op.MEAN]: mean,
  [Op.MINIMUM]: minimum,
  [Op.MUL]: mul,
  [Op.NEG]: same('Neg'),
  [Op.PACK]: pack,
  [Op.PAD]: pad,
  [Op.PADV2]: pad,
  [Op.PRELU]: prelu,
  // Storing the result in the other type's steps is all that is asked for; `importTflite` does that behind every operator.
  [Op.QUANTIZE]: dequantize,
  [Op.REDUCE_MAX]: reduceMax,
  [Op.RELU]: same('Relu'),
  [Op.RELU6]: relu6,
  [Op.RELU_N1_TO_1]: reluN1To1,
  [Op.RESHAPE]: reshape,
  [Op.RESIZE_BILINEAR]: resizeBilinear,
  [Op.RESIZE_NEAREST_NEIGHBOR]: resizeNearest,
  [Op.RSQRT]: rsqrt,
  [Op.SHAPE]: shape,
  [Op.SLICE]: plainSlice,
  [Op.SOFTMAX]: softmax,
  [Op.SPACE_TO_BATCH_ND]: spaceToBatch,
  [Op.SPLIT]: split,
  [Op.SPLIT_V]: splitV,
  [Op.SQRT]: same('Sqrt'),
  [Op.SQUEEZE]: squeeze,
  [Op.STRIDED_SLICE]: stridedSlice,
  [Op.SUB]: sub,
  [Op.TANH]: same('Tanh'),
  [Op.TRANSPOSE]: transpose,
  [Op.TRANSPOSE_CONV]: transposeConv,
  [Op.UNPACK]: unpack,
}
