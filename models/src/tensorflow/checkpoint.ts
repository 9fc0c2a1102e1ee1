import { fromBinary } from '@bufbuild/protobuf'
import { countOf, decodeElements, type NumericArray, parseElementType } from '../formats/array.ts'
import { FormatError } from '../formats/reader.ts'
import { maskedCrc32c } from './crc32c.ts'
import {
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
  DataType,
} from './generated/bundle_pb.ts'
import { readTable } from './table.ts'

const WHAT = 'The checkpoint index'

const ELEMENTS: Readonly<Partial<Record<DataType, string>>> = {
  [DataType.DT_FLOAT]: '<f4',
  [DataType.DT_DOUBLE]: '<f8',
  [DataType.DT_INT32]: '<i4',
  [DataType.DT_UINT8]: '<u1',
  [DataType.DT_INT16]: '<i2',
  [DataType.DT_INT8]: '<i1',
  [DataType.DT_INT64]: '<i8',
  [DataType.DT_BOOL]: '<b1',
  [DataType.DT_HALF]: '<f2',
}

/** A variable of a TensorFlow checkpoint and where its numbers are. */
export interface CheckpointVariable {
  readonly name: string
  /** As TensorFlow calls it, for example `DT_FLOAT`. */
  readonly type: string
  readonly shape: readonly number[]
  /** First byte and number of bytes in the `.data` file. */
  readonly offset: number
  readonly size: number
  /** Masked CRC-32C of these bytes. */
  readonly checksum: number
}

/**
 * The variables that the `.index` file of a TensorFlow checkpoint (version 2, written by `tf.train.Saver` or
 * `tf.train.Checkpoint`, one `.data-00000-of-00001`) lists, by name.
 * @throws {FormatError} when it is something else or damaged.
 */
export function readCheckpointIndex(index: Uint8Array): Map<string, CheckpointVariable> {
  const variables = new Map<string, CheckpointVariable>()
  let hasHeader = false
  for (const [name, value] of readTable(index, WHAT)) {
    if (name === '') {
      checkHeader(value)
      hasHeader = true
    } else variables.set(name, readVariable(name, value))
  }
  if (!hasHeader) throw new FormatError(`${WHAT} lacks its header.`)
  return variables
}

/**
 * A variable's numbers out of the `.data` file, checked against its checksum.
 * @throws {FormatError} when they are not there or damaged.
 */
export function readCheckpointVariable(
  { name, type, shape, offset, size, checksum }: CheckpointVariable,
  data: Uint8Array,
): NumericArray {
  const element = ELEMENTS[DataType[type as keyof typeof DataType]]
  if (!element) throw new FormatError(`${name} in the checkpoint is of the type ${type}, which holds no plain numbers.`)
  if (!(offset + size <= data.length))
    throw new FormatError(
      `The checkpoint's data file is cut short or another one's: ${name} ends at ${offset + size}, the file at ${data.length}.`,
    )
  const bytes = data.subarray(offset, offset + size)
  if (maskedCrc32c(bytes) !== checksum)
    throw new FormatError(
      `The checkpoint's data file is damaged or another one's: the checksum of ${name} does not fit.`,
    )
  return { data: decodeElements(bytes, parseElementType(element), countOf(shape)), shape }
}

function checkHeader(value: Uint8Array): void {
  const header = parse(() => fromBinary(BundleHeaderProtoSchema, value))
  if (header.endianness !== BundleHeaderProto_Endianness.LITTLE)
    throw new FormatError('The checkpoint was saved on a big-endian machine, which is not supported.')
  if (header.numShards !== 1)
    throw new FormatError(`The checkpoint has its data in ${header.numShards} files; one is supported.`)
}

function readVariable(name: string, value: Uint8Array): CheckpointVariable {
  const entry = parse(() => fromBinary(BundleEntryProtoSchema, value))
  const shape = entry.shape?.dim.map(({ size }) => Number(size)) ?? []
  countOf(shape, Number.MAX_SAFE_INTEGER)
  const [offset, size] = [Number(entry.offset), Number(entry.size)]
  const isWhole = [offset, size].every((n) => Number.isSafeInteger(n) && n >= 0)
  if (!isWhole || entry.shardId !== 0 || entry.shape?.unknownRank)
    throw new FormatError(`${WHAT} is damaged: the entry of ${name.slice(0, 100)} does not add up.`)
  if (entry.slices.length > 0)
    throw new FormatError(`${name.slice(0, 100)} is saved in slices, which is not supported.`)
  return { name, type: DataType[entry.dtype] ?? String(entry.dtype), shape, offset, size, checksum: entry.crc32c }
}

function parse<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new FormatError(`${WHAT} is damaged (${error instanceof Error ? error.message : error}).`)
  }
}
