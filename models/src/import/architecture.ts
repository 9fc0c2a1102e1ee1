import { FormatError } from '../formats/reader.ts'
import type { GraphBuilder } from '../onnx/graph-builder.ts'
import type { StateDict } from './state-dict.ts'

/** Turns the last layer's raw outputs into parameters: raw * std + mean. */
export interface Denormalization {
  readonly mean: Float32Array
  readonly std: Float32Array
}

/** What a network makes of a crop. */
export interface Regressed {
  /** De-normalised parameters [N, p]. */
  readonly params: string
  /** Features [N, c] that further heads may read, where the network has one vector of them. */
  readonly features?: string
}

/**
 * A regressor's graph over `x`, float32 [N, 3, size, size] RGB holding pixel - 127.5 (zero padding thus comes after
 * normalisation); the division by 128 belongs in its first layer.
 */
export type Architecture = (graph: GraphBuilder, x: string, state: StateDict, output: Denormalization) => Regressed

/** A last layer [p][n] with the de-normalisation folded in, in double precision. */
export function denormalize(
  weight: Float32Array,
  bias: Float32Array,
  { mean, std }: Denormalization,
): { weight: Float32Array; bias: Float32Array } {
  if (bias.length !== mean.length)
    throw new FormatError(
      `Expected ${mean.length} outputs, as many as there are parameter statistics, but the network has ${bias.length}.`,
    )
  const row = weight.length / bias.length
  return {
    weight: Float32Array.from(weight, (w, i) => w * std[Math.floor(i / row)]!),
    bias: Float32Array.from(bias, (b, i) => b * std[i]! + mean[i]!),
  }
}
