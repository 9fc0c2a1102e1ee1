/** Arrays of one length that are used again. Memory is as much as was out at the same time. */
export class VertexPool {
  readonly #length: number
  readonly #free: Float32Array[] = []

  constructor(length: number) {
    this.#length = length
  }

  take(): Float32Array {
    return this.#free.pop() ?? new Float32Array(this.#length)
  }

  give(array: Float32Array): void {
    this.#free.push(array)
  }
}
