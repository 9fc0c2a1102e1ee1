/** What the command's exit status says. */
export const EXIT = {
  /** Everything was done. A picture without a face is no failure. */
  ok: 0,
  /** Some files failed; the others were done. */
  someFailed: 1,
  /** Nothing was done: wrong usage, or a model or backend is missing. */
  usage: 2,
} as const

/** An expected failure. The message is one sentence for the person at the terminal. */
export class CliError extends Error {
  override name = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.someFailed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Nothing can be written any more: no matter of one file. */
export class UnwritableError extends CliError {
  override name = 'UnwritableError'
}

/** The message of whatever was thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().replace(/\s*\n\s*/g, '; ')
}

/** The reason of a failed file operation without the path and the name of the system call. */
export function systemReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return REASONS[code] ?? messageOf(error)
}

/** Whether the reason of a failed file operation would fail the next one as well. */
export function isOfDevice(error: unknown): boolean {
  return OF_DEVICE.includes((error as NodeJS.ErrnoException).code ?? '')
}

const OF_DEVICE: readonly string[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EMFILE']

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'something of that name is in the way',
  EISDIR: 'a folder of that name is in the way',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the device has failed',
  EMFILE: 'too many files are open',
}
