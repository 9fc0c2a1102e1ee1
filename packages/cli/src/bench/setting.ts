import type { NodeRuntime } from '@3ddfa/inference/node'
import type { BackendId } from '../backends.ts'
import type { DetectorChoice } from '../detector-names.ts'

/** One choice of everything that a run compares. */
export interface Setting {
  readonly backend: BackendId
  readonly detector: DetectorChoice
  /** Of the networks. */
  readonly runtime: NodeRuntime
  /** Of the networks. */
  readonly threads: number
  /** Faces that the regressor sees in one run. */
  readonly batch: number
}

export type Dimension = keyof Setting

export const DIMENSIONS: readonly Dimension[] = ['backend', 'detector', 'runtime', 'threads', 'batch']

/** What a whole picture or frame depends on. */
export const ENGINE: readonly Dimension[] = ['backend', 'detector', 'runtime', 'threads']

/** What a run compares: every value of every dimension. */
export type Choices = { readonly [D in Dimension]: readonly Setting[D][] }

/** All combinations in the dimensions given; of the others the first value. */
export function combine(choices: Choices, dimensions: readonly Dimension[]): Setting[] {
  let settings: Setting[] = [
    {
      backend: choices.backend[0]!,
      detector: choices.detector[0]!,
      runtime: choices.runtime[0]!,
      threads: choices.threads[0]!,
      batch: choices.batch[0]!,
    },
  ]
  for (const dimension of dimensions)
    settings = settings.flatMap((setting) => choices[dimension].map((value) => ({ ...setting, [dimension]: value })))
  return settings
}

/** The dimension in which two settings differ, if it is just one. */
export function difference(a: Setting, b: Setting): Dimension | undefined {
  const different = DIMENSIONS.filter((dimension) => a[dimension] !== b[dimension])
  return different.length === 1 ? different[0] : undefined
}

/** `native, 2 threads`: the values of the dimensions given. */
export function describeSetting(setting: Setting, dimensions: readonly Dimension[]): string {
  return dimensions.map((dimension) => describeValue(setting, dimension)).join(', ')
}

export function describeValue(setting: Setting, dimension: Dimension): string {
  const value = setting[dimension]
  if (dimension === 'threads') return value === 1 ? '1 thread' : `${value} threads`
  return dimension === 'batch' ? `batch ${value}` : String(value)
}
