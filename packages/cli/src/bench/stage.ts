import type { Dimension, Setting } from './setting.ts'

/** Something that takes time and is measured by itself. */
export interface Stage {
  readonly name: string
  /** What its time depends on; it is measured once for each combination of their values. */
  readonly dependsOn: readonly Dimension[]
  /** Gets everything ready. What it gives is timed. */
  readonly prepare: (setting: Setting) => Promise<Measured>
}

export interface Measured {
  readonly run: () => unknown
  /** Milliseconds of a run are divided by this: pictures, faces or frames. */
  readonly per: number
}
