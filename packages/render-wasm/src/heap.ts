import type { Kernels } from './kernels.ts'

type Numbers = Float32Array | Uint32Array | Int32Array | Uint8Array | Uint8ClampedArray

/** Behind every array: kernels load whole registers. */
const ROOM = 16
/** What a call leaves of its memory for the next one, in bytes. */
const KEPT = 16 << 20
/** Bytes that an instance may have; see scripts/build-wasm.mjs. */
const MAX_MEMORY = 2 ** 31

/**
 * The memory of one instance. A call borrows scratch memory array by array; views of the memory live only within methods,
 * since every growth of the memory ends them.
 */
export class Heap {
  readonly kernels: Kernels
  #scratch = 0
  #size = 0
  #used = 0

  constructor(kernels: Kernels) {
    this.kernels = kernels
  }

  /** Runs `body` with scratch memory for arrays of these sizes in bytes, in all. */
  borrow<T>(sizes: readonly number[], body: () => T): T {
    const bytes = sizes.reduce((sum, size) => sum + rounded(size), 0)
    if (bytes > this.#size) {
      this.#release()
      this.#scratch = this.allocate(bytes)
      this.#size = bytes
    }
    this.#used = 0
    try {
      return body()
    } finally {
      if (this.#size > KEPT) this.#release()
    }
  }

  /** Address of the next array within what was borrowed. */
  place(bytes: number): number {
    const address = this.#scratch + this.#used
    this.#used += rounded(bytes)
    return address
  }

  /** Places a copy of an array. */
  put(array: Numbers): number {
    const address = this.place(array.byteLength)
    this.write(address, array)
    return address
  }

  write(address: number, array: Numbers): void {
    new Uint8Array(this.kernels.memory.buffer, address, array.byteLength).set(bytesOf(array))
  }

  /** Copies from the memory into an array. */
  read(address: number, array: Numbers): void {
    bytesOf(array).set(new Uint8Array(this.kernels.memory.buffer, address, array.byteLength))
  }

  /** Memory that stays until it is released. @throws {RangeError} when there is no more. */
  allocate(bytes: number): number {
    // A larger number would wrap around on its way into WebAssembly, and a small piece come back.
    const address = bytes < MAX_MEMORY ? this.kernels.allocate(rounded(bytes)) : 0
    if (address === 0) throw outOfMemory(bytes, this.kernels.memory)
    return address
  }

  #release(): void {
    if (this.#scratch !== 0) this.kernels.release(this.#scratch)
    this.#scratch = 0
    this.#size = 0
  }
}

export function outOfMemory(bytes: number, { buffer }: WebAssembly.Memory): RangeError {
  const megabytes = (size: number): string => `${Math.ceil(size / 1e6)} MB`
  return new RangeError(
    `WebAssembly has no memory for ${megabytes(bytes)} more (it has ${megabytes(buffer.byteLength)}, at most 2147 MB); use a smaller picture or dispose other backends.`,
  )
}

function rounded(bytes: number): number {
  return Math.ceil((bytes + ROOM) / 16) * 16
}

function bytesOf(array: Numbers): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
