import type { Scene } from './scene.ts'

export interface OutputFile<Ending extends string> {
  /** What follows `<picture>_<output>`, for example `.png`. */
  readonly suffix: Ending
  readonly data: Uint8Array | string
}

/** Makes the files of one output. @param name `<picture>_<output>`, for files that name each other. */
export type Writer<Ending extends string> = (scene: Scene, name: string) => Promise<OutputFile<Ending>[]>
