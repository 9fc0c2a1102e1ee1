import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { CliError, EXIT, systemReason } from '../errors.ts'

export type ToolName = 'ffmpeg' | 'ffprobe' | 'ffplay'

/** A running program of ffmpeg. */
export interface Tool {
  readonly child: ChildProcess
  /** Its exit code (null when a signal ended it), once it has ended and its output was read. @throws {CliError} when it is not installed. */
  readonly ended: Promise<number | null>
  /** What ended it before its time, if it was not us, then what it said on stderr: the first few lines, a sentence each. */
  complaints(): readonly string[]
}

const MAX_LINES = 20
const MAX_LINE_LENGTH = 300

/**
 * Starts a program with exactly these arguments; no shell sees them. It gets a process group of its own, so that Ctrl-C reaches
 * only us and a video can be finished. It still ends with us: its pipes break.
 */
export function startTool(name: ToolName, args: readonly string[], stdio: StdioOptions): Tool {
  const child = spawn(name, args, { stdio, detached: process.platform !== 'win32', windowsHide: true })
  const lines = new Set<string>()
  let rest = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split(/[\r\n]+/)
    rest = parts.pop()!.slice(0, MAX_LINE_LENGTH)
    for (const line of parts) keep(lines, line)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) => reject(notStarted(name, error)))
    child.on('close', (code) => resolve(code))
  })
  // Who asks later hears of it all the same.
  ended.catch(() => {})
  return { child, ended, complaints: () => [...signalOf(name, child), ...keep(lines, rest)] }
}

/** Of a signal that we have not sent: a full memory, a person. */
function signalOf(name: ToolName, { signalCode, exitCode, killed }: ChildProcess): string[] {
  // 255 is how ffmpeg ends of a signal that it takes itself.
  if (killed || (signalCode === null && exitCode !== 255)) return []
  return [`${name} was ended by ${signalCode ?? 'a signal'}`]
}

/** Without the address of ffmpeg's object in front, and without control characters, which a file may have put there. */
function keep(lines: Set<string>, line: string): Set<string> {
  const text = line
    .replace(/^(\[[^\]]*\] ?)+/, '')
    .replace(/\p{Cc}/gu, '')
    .trim()
  if (text !== '' && lines.size < MAX_LINES) lines.add(text.slice(0, MAX_LINE_LENGTH))
  return lines
}

function notStarted(name: ToolName, error: Error): CliError {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
    return new CliError(`${name} cannot be started: ${systemReason(error)}.`, EXIT.usage)
  return new CliError(
    `${name} is not on the PATH; \`3ddfa video\` reads and writes videos with ffmpeg 5.1 or newer, which systems have as a package (Debian: apt install ffmpeg).`,
    EXIT.usage,
  )
}
