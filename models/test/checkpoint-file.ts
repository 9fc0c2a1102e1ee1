import { create, toBinary } from '@bufbuild/protobuf'
import { maskedCrc32c } from '../src/tensorflow/crc32c.ts'
import { BundleEntryProtoSchema, BundleHeaderProtoSchema, DataType } from '../src/tensorflow/generated/bundle_pb.ts'
import type { Saved } from './torch-file.ts'

const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]

/** A TensorFlow checkpoint of float32 variables, as `tf.train.Saver` writes it: index and data. */
export function checkpointFile(tensors: Readonly<Record<string, Saved>>): { index: Uint8Array; data: Uint8Array } {
  const names = Object.keys(tensors).sort()
  const parts = names.map((name) => bytesOf(tensors[name]!.data))
  const data = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  const entries: [string, Uint8Array][] = [
    ['', toBinary(BundleHeaderProtoSchema, create(BundleHeaderProtoSchema, { numShards: 1 }))],
  ]
  let offset = 0
  names.forEach((name, i) => {
    data.set(parts[i]!, offset)
    const shape = { dim: tensors[name]!.shape.map((size) => ({ size: BigInt(size) })) }
    const where = { offset: BigInt(offset), size: BigInt(parts[i]!.length), crc32c: maskedCrc32c(parts[i]!) }
    entries.push([
      name,
      toBinary(BundleEntryProtoSchema, create(BundleEntryProtoSchema, { dtype: DataType.DT_FLOAT, shape, ...where })),
    ])
    offset += parts[i]!.length
  })
  return { index: table(entries), data }
}

/** A LevelDB table of one block, which the index names once or several times. */
export function table(
  entries: readonly (readonly [key: string, value: Uint8Array])[],
  compression = 0,
  times = 1,
): Uint8Array {
  const block = blockOf(entries, compression)
  const meta = blockOf([], 0)
  const index = blockOf(Array(times).fill(['~', Uint8Array.from([0, ...varint(block.length - 5)])]), 0)
  const handles = [block.length, meta.length - 5, block.length + meta.length, index.length - 5].flatMap(varint)
  return Uint8Array.from([
    ...block,
    ...meta,
    ...index,
    ...handles,
    ...new Array<number>(40 - handles.length).fill(0),
    ...MAGIC,
  ])
}

/** Keys share their beginnings with the one before; the checksum behind is over the block and its kind of compression. */
function blockOf(entries: readonly (readonly [string, Uint8Array])[], compression: number): Uint8Array {
  let before = ''
  const body = entries.flatMap(([key, value]) => {
    let shared = 0
    while (shared < before.length && before[shared] === key[shared]) shared++
    before = key
    const own = new TextEncoder().encode(key.slice(shared))
    return [...varint(shared), ...varint(own.length), ...varint(value.length), ...own, ...value]
  })
  const block = Uint8Array.from([...body, 0, 0, 0, 0, 1, 0, 0, 0])
  const crc = maskedCrc32c(block, Uint8Array.of(compression))
  return Uint8Array.from([...block, compression, ...new Uint8Array(Uint32Array.of(crc).buffer)])
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))]
}

const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
