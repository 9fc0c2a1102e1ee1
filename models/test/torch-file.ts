import { zipSync } from 'fflate'

/** A tensor to be saved: float32, row-major. */
export interface Saved {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0))
const u32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255]
export const unicode = (text: string): number[] => [0x58, ...u32(text.length), ...ascii(text)]
export const global = (module: string, name: string): number[] => [0x63, ...ascii(`${module}\n${name}\n`)]
export const int = (value: number): number[] => [0x4a, ...u32(value)]
export const tuple = (...items: number[][]): number[] => [0x28, ...items.flat(), 0x74]

function tensorPickle({ shape }: Saved, key: string, count: number): number[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  const storage = [
    ...tuple(unicode('storage'), global('torch', 'FloatStorage'), unicode(key), unicode('cpu'), int(count)),
    0x51,
  ]
  const hooks = [...global('collections', 'OrderedDict'), 0x29, 0x52]
  const args = tuple(storage, int(0), tuple(...shape.map(int)), tuple(...strides.map(int)), [0x89], hooks)
  return [...global('torch._utils', '_rebuild_tensor_v2'), ...args, 0x52]
}

/** {'state_dict': {'module.NAME': tensor, ...}} as a pickle. */
function statePickle(tensors: Readonly<Record<string, Saved>>): Uint8Array {
  const items = Object.entries(tensors).flatMap(([name, tensor], i) => [
    ...unicode(`module.${name}`),
    ...tensorPickle(tensor, String(i), tensor.data.length),
  ])
  return Uint8Array.from([0x80, 2, 0x7d, ...unicode('state_dict'), 0x7d, 0x28, ...items, 0x75, 0x73, 0x2e])
}

const raw = ({ data }: Saved): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** As `torch.save` writes since 1.6. */
export function torchZip(tensors: Readonly<Record<string, Saved>>): Uint8Array {
  const files: Record<string, Uint8Array> = {
    'model/data.pkl': statePickle(tensors),
    'model/byteorder': new TextEncoder().encode('little'),
  }
  Object.values(tensors).forEach((tensor, i) => {
    files[`model/data/${i}`] = raw(tensor)
  })
  return zipSync(files, { level: 0 })
}

/** As `torch.save` wrote before 1.6. */
export function torchLegacy(tensors: Readonly<Record<string, Saved>>): Uint8Array {
  const list = Object.values(tensors)
  const head = [
    [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
    [0x80, 2, ...int(1001), 0x2e],
    [0x80, 2, 0x7d, ...unicode('little_endian'), 0x88, 0x73, 0x2e],
    [...statePickle(tensors)],
    [0x80, 2, 0x5d, 0x28, ...list.flatMap((_, i) => unicode(String(i))), 0x65, 0x2e],
  ].flat()
  const bodies = list.flatMap((tensor) => [Uint8Array.from([...u32(tensor.data.length), 0, 0, 0, 0]), raw(tensor)])
  return Uint8Array.from([...head, ...bodies.flatMap((b) => [...b])])
}
