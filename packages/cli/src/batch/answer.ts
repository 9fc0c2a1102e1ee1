import type { JsonImage } from '@3ddfa/core'

/** What came of a picture. */
export interface Answer {
  /** Its key. */
  readonly file: string
  /** Its entry as JSON; `file` first, then `error` where there is one. */
  readonly line: string
  readonly faces: number
  /** Why it failed. */
  readonly error?: string
  /** What is worth telling, one line each. */
  readonly notes?: readonly string[]
}

/** Instead of an answer: why no further picture can be done. */
export interface Stop {
  readonly stop: string
}

/** The answer for a picture that failed. */
export function failure(file: string, error: string): Answer {
  return { file, line: JSON.stringify({ file, error } satisfies JsonImage), faces: 0, error }
}
