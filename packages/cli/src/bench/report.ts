import { type Summary, summarize, summarizeRatios } from '@3ddfa/core/evaluation'
import type { Machine } from './machine.ts'
import type { ProcessResult } from './processes.ts'
import { type Dimension, difference, type Setting } from './setting.ts'

/** Time of one stage in one setting. */
export interface StageResult {
  readonly stage: string
  readonly setting: Setting
  /** Dimensions of the setting that matter for this stage. */
  readonly dependsOn: readonly Dimension[]
  /** Milliseconds a picture, face or frame. */
  readonly milliseconds: Summary
}

/** Two settings of a stage that differ in one dimension: how many times as long `b` takes as `a`, round by round. */
export interface Ratio {
  readonly stage: string
  readonly by: Dimension
  readonly dependsOn: readonly Dimension[]
  readonly a: Setting
  readonly b: Setting
  readonly ratio: Summary
}

export interface BenchReport {
  readonly schema: '3ddfa.bench'
  readonly version: 1
  /** ISO 8601. */
  readonly date: string
  /** What was typed. */
  readonly command: string
  readonly machine: Machine
  /** Before and after the run. */
  readonly load: readonly [number, number]
  /** Pictures or video, models, rounds. */
  readonly conditions: Readonly<Record<string, unknown>>
  readonly results: readonly StageResult[]
  readonly ratios: readonly Ratio[]
  readonly processes: readonly ProcessResult[]
}

/** Milliseconds of a stage in each of its settings, round by round. */
export interface StageTimes {
  readonly stage: string
  readonly dependsOn: readonly Dimension[]
  readonly settings: readonly Setting[]
  readonly times: readonly (readonly number[])[]
}

export function resultsOf({ stage, dependsOn, settings, times }: StageTimes): StageResult[] {
  return settings.map((setting, i) => ({ stage, setting, dependsOn, milliseconds: summarize(times[i]!) }))
}

export function ratiosOf({ stage, dependsOn, settings, times }: StageTimes): Ratio[] {
  return settings.flatMap((a, i) =>
    settings.flatMap((b, j): Ratio[] => {
      const by = j > i ? difference(a, b) : undefined
      return by ? [{ stage, by, dependsOn, a, b, ratio: summarizeRatios(times[i]!, times[j]!) }] : []
    }),
  )
}
