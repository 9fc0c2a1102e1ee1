/** A file that is not what it should be, or that asks for more than it may. The message is fit for an end user. */
export class FormatError extends Error {
  override name = 'FormatError'
}

/** A limit on a sum over all of a file: where each part is small, one that is named over and over makes much of little. */
export class Budget {
  constructor(
    private left: number,
    /** What is said when it is used up. */
    readonly refusal: string,
  ) {}

  /** @throws {FormatError} when no more than this is left. */
  spend(amount: number): void {
    this.left -= amount
    if (!(this.left >= 0)) throw new FormatError(this.refusal)
  }
}

/** For what is unpacked and copied of a file, in bytes: a small file is not to fill the memory, a large one may be large. */
export function unpackedBudget({ length }: Uint8Array, what: string): Budget {
  const limit = 2 ** 28 + 8 * length
  return new Budget(limit, `${what} unpacks to more than ${limit} bytes: refused.`)
}

/** Reads little-endian (unless told otherwise) values from bytes of a stranger: every read is bounds-checked. */
export class ByteReader {
  readonly #view: DataView
  at = 0

  constructor(
    readonly bytes: Uint8Array,
    /** Names the file in errors. */
    readonly what: string,
  ) {
    if (!ArrayBuffer.isView(bytes))
      throw new TypeError(
        `${what}: expected its bytes as a Uint8Array but received something else; of an ArrayBuffer make one: new Uint8Array(buffer).`,
      )
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  /** The next `count` bytes, a view. */
  take(count: number): Uint8Array {
    if (!Number.isSafeInteger(count) || count < 0 || count > this.left)
      throw new FormatError(
        `${this.what} is cut short or damaged: ${count} bytes wanted at ${this.at}, ${this.left} left.`,
      )
    this.at += count
    return this.bytes.subarray(this.at - count, this.at)
  }

  u8(): number {
    return this.take(1)[0]!
  }

  u16(littleEndian = true): number {
    this.take(2)
    return this.#view.getUint16(this.at - 2, littleEndian)
  }

  i32(littleEndian = true): number {
    this.take(4)
    return this.#view.getInt32(this.at - 4, littleEndian)
  }

  u32(littleEndian = true): number {
    this.take(4)
    return this.#view.getUint32(this.at - 4, littleEndian)
  }

  /** An unsigned 64-bit number that must be an exact JavaScript one. */
  u64(littleEndian = true): number {
    this.take(8)
    const value = this.#view.getBigUint64(this.at - 8, littleEndian)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError(`${this.what} is damaged: a size of ${value}.`)
    return Number(value)
  }

  f64(littleEndian = true): number {
    this.take(8)
    return this.#view.getFloat64(this.at - 8, littleEndian)
  }

  /** Bytes up to the next newline. */
  lineLength(): number {
    const end = this.bytes.indexOf(10, this.at)
    if (end < 0) throw new FormatError(`${this.what} is cut short: a line does not end.`)
    return end - this.at
  }
}

export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return text
}
