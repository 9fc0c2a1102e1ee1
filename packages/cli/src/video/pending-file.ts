import { closeSync, openSync, statSync, writeFileSync } from 'node:fs'
import { CliError } from '../errors.ts'
import { cannotWrite, putInPlace, removeQuietly, temporaryFor } from '../files.ts'

/** A file that is made under a temporary name in the folder where it will lie, so that its name never stands for half of it. */
export class PendingFile {
  readonly path: string
  readonly temporary: string
  readonly #replace: boolean

  /** @param replace whether a file that has the name by then gives way. */
  constructor(path: string, replace: boolean) {
    this.path = path
    this.#replace = replace
    this.temporary = temporaryFor(path)
  }

  /** Writes all of it. @throws {CliError} one sentence with the reason. */
  write(data: Uint8Array | string): void {
    try {
      writeFileSync(this.temporary, data)
    } catch (error) {
      throw cannotWrite(this.path, error)
    }
  }

  /** @throws {CliError} when a file has the name and may not be replaced. */
  check(): void {
    if (!this.#replace && statSync(this.path, { throwIfNoEntry: false })) throw this.#taken()
  }

  /** Gives it its name, by which it is there after a power cut too. @throws {CliError} one sentence with the reason. */
  commit(): void {
    try {
      putInPlace(this.temporary, this.path, this.#replace)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw this.#taken()
      throw cannotWrite(this.path, error)
    }
  }

  /** Removes it, if it is still there under its temporary name. */
  discard(): void {
    removeQuietly(this.temporary)
  }

  #taken(): CliError {
    return new CliError(`${this.path} was made by someone else meanwhile, and is kept; --overwrite replaces it.`)
  }
}

/** Text that is written line by line. */
export class PendingText {
  readonly #file: PendingFile
  #descriptor: number | undefined
  #lines: string[] = []
  #length = 0

  /** @param replace as a `PendingFile`'s. @throws {CliError} when the file cannot be written. */
  constructor(path: string, replace: boolean) {
    this.#file = new PendingFile(path, replace)
    this.#descriptor = this.#try(() => openSync(this.#file.temporary, 'wx'))
  }

  /** @param line without its end. */
  write(line: string): void {
    this.#lines.push(`${line}\n`)
    this.#length += line.length
    if (this.#length > 1 << 16) this.#flush()
  }

  /** Writes what is left. @throws {CliError} when that cannot be done. */
  finish(): void {
    this.#flush()
    this.#close()
  }

  /** @throws {CliError} as a `PendingFile`'s. */
  check(): void {
    this.#file.check()
  }

  /** Gives it its name, when it is finished. */
  commit(): void {
    this.#file.commit()
  }

  discard(): void {
    this.#close()
    this.#file.discard()
  }

  #flush(): void {
    this.#try(() => writeFileSync(this.#descriptor!, this.#lines.join('')))
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
