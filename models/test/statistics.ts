import { global, int, tuple, unicode } from './torch-file.ts'

/** {'mean': float32[62], 'std': float32[62]} as numpy pickles it. */
export function statistics(mean: Float32Array, std: Float32Array): Uint8Array {
  const bytes = (data: Float32Array) => [
    0x42,
    data.byteLength & 255,
    data.byteLength >> 8,
    0,
    0,
    ...new Uint8Array(data.buffer),
  ]
  const dtype = [
    ...global('numpy', 'dtype'),
    ...tuple(unicode('f4'), int(0), int(1)),
    0x52,
    ...tuple(int(3), unicode('<'), [0x4e], [0x4e], [0x4e], int(-1), int(-1), int(0)),
    0x62,
  ]
  const array = (data: Float32Array) => [
    ...global('numpy.core.multiarray', '_reconstruct'),
    ...tuple(global('numpy', 'ndarray'), tuple(int(0)), [0x43, 1, 0x62]),
    0x52,
    ...tuple(int(1), tuple(int(data.length)), dtype, [0x89], bytes(data)),
    0x62,
  ]
  return Uint8Array.from([
    0x80,
    3,
    0x7d,
    0x28,
    ...unicode('mean'),
    ...array(mean),
    ...unicode('std'),
    ...array(std),
    0x75,
    0x2e,
  ])
}
