/** UTF-8 text in the making, straight into bytes: several times faster than joining strings for half a million numbers. */
export class TextBuffer {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  text(text: string): this {
    this.#reserve(text.length)
    const start = this.#length
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) {
        this.#length = start
        return this.raw(new TextEncoder().encode(text))
      }
      this.#bytes[this.#length++] = code
    }
    return this
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  char(code: number): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = code
    return this
  }

  /** A whole number >= 0, below 2^31. */
  integer(value: number): this {
    this.#reserve(16)
    this.#digits(value, 1)
    return this
  }

  /** A finite number with `decimals` (0 to 6) places, rounded half away from zero. */
  fixed(value: number, decimals: number): this {
    this.#reserve(32)
    const scale = 10 ** decimals
    const scaled = Math.round(Math.abs(value) * scale)
    const whole = Math.floor(scaled / scale)
    if (whole >= 2 ** 31) return this.text(value.toFixed(decimals))
    if (value < 0 && scaled > 0) this.#bytes[this.#length++] = 45
    this.#digits(whole, 1)
    if (decimals > 0) {
      this.#bytes[this.#length++] = 46
      this.#digits(scaled - whole * scale, decimals)
    }
    return this
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  #digits(value: number, least: number): void {
    let count = least
    for (let limit = 10 ** least; value >= limit; limit *= 10) count++
    let rest = value | 0
    for (let at = this.#length + count - 1; at >= this.#length; at--) {
      const tens = (rest / 10) | 0
      this.#bytes[at] = 48 + rest - tens * 10
      rest = tens
    }
    this.#length += count
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
