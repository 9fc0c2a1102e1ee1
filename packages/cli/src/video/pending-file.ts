import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CliError, systemReason } from '../errors.ts'

/** A file that is made under a temporary name in the folder where it will lie, so that its name never stands for half of it. */
export class PendingFile {
  readonly path: string
  readonly temporary: string

  constructor(path: string) {
    this.path = path
    this.temporary = join(dirname(path), `.3ddfa-${randomBytes(8).toString('hex')}.tmp`)
  }

  /** Writes all of it. @throws {CliError} one sentence with the reason. */
  write(data: Uint8Array): void {
    try {
      writeFileSync(this.temporary, data, { flag: 'wx' })
    } catch (error) {
      throw cannotWrite(this.path, error)
    }
  }

  /** Gives it its name. */
  commit(): void {
    try {
      renameSync(this.temporary, this.path)
    } catch (error) {
      throw cannotWrite(this.path, error)
    }
  }

  /** Removes it, if it is still there under its temporary name. */
  discard(): void {
    if (existsSync(this.temporary)) rmSync(this.temporary, { force: true })
  }
}

/** Text that is written line by line. */
export class PendingText {
  readonly #file: PendingFile
  #descriptor: number | undefined
  #lines: string[] = []
  #length = 0

  /** @throws {CliError} when the file cannot be written. */
  constructor(path: string) {
    this.#file = new PendingFile(path)
    this.#descriptor = this.#try(() => openSync(this.#file.temporary, 'wx'))
  }

  /** @param line without its end. */
  write(line: string): void {
    this.#lines.push(`${line}\n`)
    this.#length += line.length
    if (this.#length > 1 << 16) this.#flush()
  }

  commit(): void {
    this.#flush()
    this.#close()
    this.#file.commit()
  }

  discard(): void {
    this.#close()
    this.#file.discard()
  }

  #flush(): void {
    this.#try(() => writeSync(this.#descriptor!, this.#lines.join('')))
    this.#lines = []
    this.#length = 0
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #try<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw cannotWrite(this.#file.path, error)
    }
  }
}

function cannotWrite(path: string, error: unknown): CliError {
  return new CliError(`${path} cannot be written: ${systemReason(error)}.`)
}
