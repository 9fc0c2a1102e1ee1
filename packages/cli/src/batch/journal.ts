import { closeSync, createReadStream, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs'
import { CliError, EXIT, messageOf, systemReason } from '../errors.ts'
import { KeySet } from './keys.ts'
import { readLines } from './lines.ts'

/** Longest line: more than the entry of a picture with as many faces as a detector gives. */
const MAX_LINE_BYTES = 2 ** 26

/** Each line is an image entry of the align document; `file` comes first, then `error` or the rest. */
const ENTRY = /^\{"file":("(?:[^"\\]|\\.)*"),"(error|width)":/

const BEGIN = '{"file":"'
const CLOSING_BRACE = 0x7d

/** The results file, which is also the memory of what is done: a picture counts as done once its line is whole. */
export class Journal {
  /** What has a line. */
  readonly keys: KeySet
  /** Lines that an earlier run wrote, and those of them that say a failure. */
  readonly before: { readonly pictures: number; readonly failed: number }
  readonly #path: string
  readonly #file: number
  readonly #isCut: boolean
  #size: number

  private constructor(path: string, { keys, size, failed, cut }: Contents) {
    this.#path = path
    this.keys = keys
    this.before = { pictures: keys.size, failed }
    this.#size = size
    this.#isCut = cut
    this.#file = openSync(path, 'a')
  }

  /**
   * Reads what is done; changes nothing.
   * @throws {CliError} when the file cannot be read or holds something else.
   */
  static async open(path: string): Promise<Journal> {
    const contents = await readContents(path)
    try {
      return new Journal(path, contents)
    } catch (error) {
      throw new CliError(`${path} cannot be written: ${systemReason(error)}.`, EXIT.usage)
    }
  }

  /** Removes a last line that was cut off. */
  begin(): void {
    try {
      if (this.#isCut) ftruncateSync(this.#file, this.#size)
    } catch (error) {
      throw new CliError(`${this.#path} cannot be written: ${systemReason(error)}.`, EXIT.usage)
    }
  }

  /** Appends a line (without line feed), wholly or not at all; it outlasts a power cut. */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
      fsyncSync(this.#file)
      this.#size += bytes.length
    } catch (error) {
      ftruncateSync(this.#file, this.#size)
      throw new CliError(`${this.#path} cannot be written: ${systemReason(error)}; the same command goes on from here.`)
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}

interface Contents {
  readonly keys: KeySet
  readonly failed: number
  /** Bytes of all whole lines. */
  readonly size: number
  readonly cut: boolean
}

/** Whether it may be the begin of a line of ours: of any other file nothing is removed. A power cut may leave zeros. */
function isBegun(bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, BEGIN.length)
  const isText = bytes.every((byte) => byte >= 32 || byte === 0)
  return isText && (BEGIN.startsWith(start) || bytes.every((byte) => byte === 0))
}

/** @throws {CliError} where a disk or a person damaged the line: what it says may not be lost, nor the picture left out. */
function fileOf(line: Buffer, what: string): string {
  try {
    return JSON.parse(line.toString()).file
  } catch {
    throw new CliError(
      `${what} is damaged; take that line out, and the same command does the picture again.`,
      EXIT.usage,
    )
  }
}

async function readContents(path: string): Promise<Contents> {
  const keys = new KeySet()
  let [failed, size, lines] = [0, 0, 0]
  try {
    const file = statSync(path)
    if (!file.isFile()) throw new CliError(`${path} is no file; give another --out.`, EXIT.usage)
    for await (const { bytes, ended } of readLines(createReadStream(path), MAX_LINE_BYTES)) {
      if (!ended && isBegun(bytes)) return { keys, failed, size, cut: true }
      const entry = ended && ENTRY.exec(bytes.toString('utf8', 0, 32_768))
      if (!entry || bytes.at(-1) !== CLOSING_BRACE)
        throw new CliError(`${path} holds something else than results at byte ${size}.`, EXIT.usage)
      lines++
      keys.add(fileOf(bytes, `${path}, line ${lines}: the entry of ${entry[1]}`))
      if (entry[2] === 'error') failed++
      size += bytes.length + 1
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new CliError(`${path} cannot be read: ${messageOf(error)}.`, EXIT.usage)
  }
  return { keys, failed, size, cut: false }
}
