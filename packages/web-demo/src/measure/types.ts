import type { Settings } from '../engine/types.ts'

/** What a device is measured with. */
export type Choice = Pick<Settings, 'provider' | 'backend'>

/** Milliseconds of a run; means of several runs where the browser's clock is too coarse for one. */
export interface StageTime {
  readonly stage: string
  readonly median: number
  readonly p95: number
  readonly runs: number
}

export interface Measurement {
  readonly choice: Choice
  /** What runs in fact, and why it is not what was asked for. */
  readonly provider: string
  readonly models: string
  readonly notes: readonly string[]
  /** From nothing to the first aligned picture, milliseconds. */
  readonly start: number
  readonly picture: string
  readonly stages: readonly StageTime[]
}
