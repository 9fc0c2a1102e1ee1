import { messageOf } from '../errors.ts'

/** Something that was tried. */
export interface Check {
  readonly group: string
  readonly name: string
  readonly ok: boolean
  /** `3ddfa align` with its defaults cannot run without it. */
  readonly needed: boolean
  /** What was seen, or why it does not work. */
  readonly detail: string
}

/** Tries something: its result is the detail, and so is the message of what it throws. */
export async function attempt(
  name: string,
  needed: boolean,
  run: () => string | Promise<string>,
): Promise<Omit<Check, 'group'>> {
  try {
    return { name, needed, ok: true, detail: await run() }
  } catch (error) {
    return { name, needed, ok: false, detail: messageOf(error).replace(/\.$/, '') }
  }
}
