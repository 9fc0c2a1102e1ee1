import type { Scene } from './scene.ts'

export interface OutputFile {
  /** What follows `<picture>_<output>`, for example `.png`. */
  readonly suffix: string
  readonly data: Uint8Array | string
}

/** Makes the files of one output. @param name `<picture>_<output>`, for files that name each other. */
export type Writer = (scene: Scene, name: string) => Promise<OutputFile[]>
