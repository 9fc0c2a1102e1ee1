const FLOAT = new Float32Array(1)
const BITS = new Uint32Array(FLOAT.buffer)

/** IEEE 754 binary16 of each number, rounded to nearest, ties to even; beyond 65504 it is infinite. */
export function toFloat16(numbers: Float32Array): Uint16Array {
  return Uint16Array.from(numbers, halfBits)
}

function halfBits(value: number): number {
  FLOAT[0] = value
  const bits = BITS[0]!
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00 // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00 // rounds to infinity
  if (magnitude < 0x38800000) return sign | subnormal(Math.abs(value))
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
  return sign | ((rounded - 0x38000000) >>> 13)
}

/** Below 2^-14 the step is 2^-24 whatever the exponent. */
function subnormal(value: number): number {
  const steps = value * 2 ** 24
  const floor = Math.floor(steps)
  const rest = steps - floor
  return floor + Number(rest > 0.5 || (rest === 0.5 && floor % 2 === 1))
}

let table: Float32Array | undefined

/** The numbers that the bits stand for. By table: a face model has six million of them. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => value(half))
  const out = new Float32Array(bits.length)
  for (let i = 0; i < out.length; i++) out[i] = table[bits[i]!]!
  return out
}

function value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
