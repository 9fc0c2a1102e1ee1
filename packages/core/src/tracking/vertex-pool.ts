/** Arrays of one length that are used again. Memory is as much as was out at the same time. */
export class VertexPool {
  readonly #length: number
  readonly #free: Float32Array[] = []
  readonly #taken = new WeakSet<Float32Array>()

  constructor(length: number) {
    this.#length = length
  }

  take(): Float32Array {
    const array = this.#free.pop() ?? new Float32Array(this.#length)
    this.#taken.add(array)
    return array
  }

  /** One that is given twice, was not taken here or went to another thread is left alone: two takers never get the same. */
  give(array: Float32Array): void {
    if (this.#taken.delete(array) && array.length === this.#length) this.#free.push(array)
  }
}
