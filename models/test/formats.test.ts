import { readFileSync } from 'node:fs'
import { constants, deflateRawSync, deflateSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { random } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import {
  FormatError,
  readMat,
  readNpy,
  readNpz,
  readNumpyPickle,
  readSafetensors,
  readTorchCheckpoint,
  type TypedArray,
  writeSafetensors,
} from '../src/index.ts'
import { global, int, type Saved, torchLegacy, torchZip, tuple, unicode } from './torch-file.ts'

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0))

/**
 * Opcodes of a list that has another one twice, which again has another one twice, and so on; remembered by their number.
 * The last one has `items` put into it: as text, `lists(12, TEXT)` is longer than text can be.
 */
const lists = (levels: number, items: number[] = []): number[] => [
  ...[0x5d, ...items, 0x71, 0],
  ...Array.from({ length: levels }, (_, i) => [0x5d, 0x71, i + 1, 0x68, i, 0x61, 0x68, i, 0x61]).flat(),
]

const TEXT = [...unicode('x'.repeat(2 ** 18)), 0x61]

function npy(descr: string, shape: string, body: Uint8Array, fortran = 'False', version = 1): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`
  const length =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0]
  return Uint8Array.from([0x93, ...ascii('NUMPY'), version, 0, ...length, ...ascii(header), ...body])
}

describe('.npy', () => {
  it('reads types, byte orders and versions', () => {
    expect(readNpy(npy('<f4', '(2,)', new Uint8Array(Float32Array.of(1.5, -2).buffer)))).toEqual({
      data: Float32Array.of(1.5, -2),
      shape: [2],
    })
    expect(readNpy(npy('>i2', '(2,)', Uint8Array.of(1, 2, 255, 254), 'False', 2)).data).toEqual(Int16Array.of(258, -2))
    expect(
      readNpy(npy('<f2', '(3,)', new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 1).buffer), 'False', 3)).data,
    ).toEqual(Float32Array.of(1, -2, 2 ** -24))
    expect(readNpy(npy('<i8', '()', new Uint8Array(BigInt64Array.of(-5n).buffer))).data).toEqual(BigInt64Array.of(-5n))
    expect(readNpy(npy('|b1', '(2,)', Uint8Array.of(0, 1))).data).toEqual(Uint8Array.of(0, 1))
  })

  it('turns Fortran order into row-major', () => {
    const { data, shape } = readNpy(npy('|u1', '(2, 3)', Uint8Array.of(1, 4, 2, 5, 3, 6), 'True'))
    expect([shape, [...data]]).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ])
  })

  it('reads .npz, deflated or stored', () => {
    const file = npy('|u1', '(1,)', Uint8Array.of(7))
    for (const level of [0, 6] as const)
      expect(readNpz(zipSync({ 'a.npy': file }, { level })).a!.data).toEqual(Uint8Array.of(7))
  })

  it.each([
    ['an object array', npy('|O', '(1,)', new Uint8Array(8)), /plain numbers/],
    ['a huge shape', npy('<f4', '(99999999, 99999999)', new Uint8Array(4)), /at most/],
    ['a cut file', npy('<f4', '(4,)', new Uint8Array(8)), /cut short/],
    ['another file', ascii('hello world'), /not a .npy file/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(message)
  })
})

describe('pickles', () => {
  it('reads plain values of every protocol', () => {
    expect(readNumpyPickle(ascii("(dp0\nS'a'\nI5\nsS'b'\n(lp1\nF1.5\naI01\nas."))).toEqual({ a: 5, b: [1.5, true] })
    expect(
      readNumpyPickle(
        Uint8Array.of(0x80, 4, 0x95, 9, 0, 0, 0, 0, 0, 0, 0, 0x8c, 1, 0x78, 0x94, 0x4b, 3, 0x8a, 1, 0xff, 0x87, 0x2e),
      ),
    ).toEqual(['x', 3, -1])
    expect(readNumpyPickle(Uint8Array.of(0x80, 5, 0x96, 2, 0, 0, 0, 0, 0, 0, 0, 9, 8, 0x2e))).toEqual(
      Uint8Array.of(9, 8),
    )
  })

  it.each([
    ['os.system', [...global('os', 'system'), ...tuple(unicode('true')), 0x52, 0x2e], /`os.system`/],
    [
      'builtins.eval',
      [0x80, 4, 0x8c, 8, ...ascii('builtins'), 0x8c, 4, ...ascii('eval'), 0x93, 0x2e],
      /`builtins.eval`/,
    ],
    ['an attribute of an allowed module', [...global('numpy', 'load'), 0x2e], /`numpy.load`/],
    ['INST', [0x28, 0x69, ...ascii('os\nsystem\n'), 0x2e], /opcode 0x69/],
    ['an extension', [0x82, 1, 0x2e], /opcode 0x82/],
    ['a dangling mark', [0x74, 0x2e], /does not add up/],
    ['an unknown memo', [0x68, 7, 0x2e], /does not add up/],
    ['a huge string', [0x42, 255, 255, 255, 127, 1, 0x2e], /cut short/],
    ['protocol 9', [0x80, 9, 0x2e], /protocol 9/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readNumpyPickle(Uint8Array.from(bytes))).toThrow(message)
    expect(() => readNumpyPickle(Uint8Array.from(bytes))).toThrow(FormatError)
  })

  it('does not blow up on lists of the same list', () => {
    // Each step doubles what a printer would see; nothing is copied here, and the depth is bounded.
    expect(() => readNumpyPickle(Uint8Array.from([0x80, 2, ...lists(40), 0x2e]))).toThrow(/nests more than/)
    const [first, second] = readNumpyPickle(Uint8Array.from([0x80, 2, ...lists(18), 0x2e])) as unknown[][]
    expect(second).toBe(first)
  })

  it('does not copy the same numbers over and over', () => {
    const dtype = [...global('numpy', 'dtype'), ...tuple(unicode('u1')), 0x52, 0x71, 1]
    const bytes = [0x42, 0, 16, 0, 0, ...new Uint8Array(4096), 0x71, 2]
    const array = [
      ...[...global('numpy.core.multiarray', '_reconstruct'), 0x29, 0x52],
      ...[...tuple(int(1), tuple(int(4096)), [0x68, 1], [0x89], [0x68, 2]), 0x62],
    ]
    const pickle = (count: number) =>
      Uint8Array.from([0x80, 2, ...dtype, 0x30, ...bytes, 0x30, 0x28, ...Array(count).fill(array).flat(), 0x6c, 0x2e])
    expect(readNumpyPickle(pickle(1))).toEqual([{ data: new Uint8Array(4096), shape: [4096] }])
    expect(() => readNumpyPickle(pickle(20))).toThrow(/the same numbers over and over/)
  })

  it('reads long text with escapes in little memory', () => {
    const count = 2_000_000
    const file = Buffer.concat([ascii("S'"), Buffer.alloc(8 * count, '\\x41\\n\\q'), ascii("'\n.")])
    const before = process.memoryUsage().heapUsed
    const text = readNumpyPickle(file)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30 * count)
    expect(text === 'A\nq'.repeat(count)).toBe(true)
  })

  it('reads long text that is the bytes of an array', () => {
    const count = 3_000_000
    const array = [
      ...[...global('numpy.core.multiarray', '_reconstruct'), 0x29, 0x52, 0x28, ...int(1), ...int(count), 0x85],
      ...[...global('numpy', 'dtype'), ...tuple(unicode('u1')), 0x52, 0x89],
      ...[...global('_codecs', 'encode'), 0x28, 0x58, ...int(count).slice(1)],
    ]
    const file = new Uint8Array(array.length + count + 100).fill(0x61)
    file.set(array)
    file.set([...unicode('latin1'), 0x74, 0x52, 0x74, 0x62, 0x2e], array.length + count)
    const before = process.memoryUsage().heapUsed
    const { data } = readNumpyPickle(file) as { data: Uint8Array }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5 * count)
    expect(Buffer.alloc(count, 'a').equals(data)).toBe(true)
  })

  it('refuses more text than arrays have', () => {
    const length = 2 ** 27 + 1
    const file = new Uint8Array(2 * (length + 5))
    for (const at of [0, length + 5]) file.set([0x58, ...int(length).slice(1)], at)
    expect(() => readNumpyPickle(file)).toThrow(/more than 268435456 bytes of text/)
  })

  it.each([
    ['key', [...lists(12, TEXT), 0x7d, 0x68, 12, 0x4b, 1, 0x73, 0x2e], /neither text nor a whole number/],
    ['name of what is asked for', [...lists(12, TEXT), 0x68, 12, 0x93, 0x2e], /does not add up/],
  ])('never makes text of a list that is a %s', (_, bytes, message) => {
    expect(() => readNumpyPickle(Uint8Array.from([0x80, 2, ...bytes]))).toThrow(message)
  })
})

describe('PyTorch checkpoints', () => {
  const tensors: Record<string, Saved> = {
    a: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    b: { shape: [1], data: Float32Array.of(-7) },
  }

  it.each([
    ['zip', torchZip(tensors)],
    ['legacy', torchLegacy(tensors)],
  ])('reads the %s format, without module. prefixes', (_, bytes) => {
    const state = readTorchCheckpoint(bytes)
    expect([...state.keys()]).toEqual(['a', 'b'])
    expect(state.get('a')).toEqual(tensors.a)
    expect(state.get('b')!.data).toEqual(Float32Array.of(-7))
  })

  it('refuses a tensor that reaches outside its storage', () => {
    const bytes = torchZip({ a: { shape: [2, 3], data: new Float32Array(5) } })
    expect(() => readTorchCheckpoint(bytes)).toThrow(/outside its storage/)
  })

  /** A checkpoint of one dictionary, made by `opcodes`, whose storage `0` has `count` zeros. */
  const checkpoint = (opcodes: number[], count = 1) =>
    Uint8Array.from([
      ...[0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
      ...[0x80, 2, ...int(1001), 0x2e, 0x80, 2, 0x7d, 0x2e, 0x80, 2, ...opcodes, 0x2e],
      ...[0x80, 2, 0x5d, ...unicode('0'), 0x61, 0x2e, ...int(count).slice(1), 0, 0, 0, 0, ...new Uint8Array(4 * count)],
    ])
  const storage = (key: number[], count: number[]) => [
    ...[...tuple(unicode('storage'), global('torch', 'FloatStorage'), key, unicode('cpu'), count), 0x51],
  ]
  const tensor = (offset: number[], shape: number[], stride: number[], count = 1) => [
    ...global('torch._utils', '_rebuild_tensor_v2'),
    ...[...tuple(storage(unicode('0'), int(count)), offset, [...shape, 0x85], [...stride, 0x85]), 0x52],
  ]
  const named = (value: number[]) => [0x7d, ...unicode('a'), ...value, 0x73]
  const list = [0x68, 12]

  it.each([
    ['a key', [...named(tensor(int(0), int(1), int(1))), ...list, ...tensor(int(0), int(1), int(1)), 0x73]],
    ['a storage', named(storage(list, int(1)))],
    ['a number of elements', named(storage(unicode('0'), list))],
    ['an offset', named(tensor(list, int(1), int(1)))],
    ['a shape', named(tensor(int(0), list, int(1)))],
    ['a stride', named(tensor(int(0), int(1), list))],
  ])('never makes text or a number of a list that is %s', (_, opcodes) => {
    expect(readTorchCheckpoint(checkpoint(named(tensor(int(0), int(1), int(1))))).size).toBe(1)
    expect(() => readTorchCheckpoint(checkpoint([...lists(12, TEXT), 0x30, ...opcodes]))).toThrow(FormatError)
  })

  it('does not copy the same tensor or the same list over and over', () => {
    const count = 2 ** 18
    const again = Array.from({ length: 270 }, (_, i) => [...int(i), 0x68, 1]).flat()
    const tensors = [...tensor(int(0), int(count), int(1), count), 0x71, 1, 0x30, 0x7d, 0x28, ...again, 0x75]
    expect(() => readTorchCheckpoint(checkpoint(tensors, count))).toThrow(/unpacks to more than/)
    const pairs = [
      0x5d,
      0x71,
      1,
      0x28,
      ...Array.from({ length: 100 }, (_, i) => [...int(i), 0x4b, 1, 0x86]).flat(),
      0x65,
    ]
    const dictionary = [...global('collections', 'OrderedDict'), 0x68, 1, 0x85, 0x52, 0x30]
    const copies = Array(100).fill(dictionary).flat()
    expect(() => readTorchCheckpoint(checkpoint([...pairs, ...copies]))).toThrow(/the same lists over and over/)
  })

  it('refuses other files in a sentence', () => {
    expect(() => readTorchCheckpoint(ascii('not a checkpoint'))).toThrow(/not a PyTorch checkpoint/)
    expect(() => readTorchCheckpoint(zipSync({ 'a.txt': ascii('x') }))).toThrow(/without data.pkl/)
    expect(() => readTorchCheckpoint(new Uint8Array(0))).toThrow(FormatError)
    const pairs = [...global('collections', 'OrderedDict'), 0x5d, 0x4b, 5, 0x61, 0x85, 0x52]
    expect(() => readTorchCheckpoint(checkpoint(pairs))).toThrow(/a dictionary does not add up/)
  })
})

describe('.safetensors', () => {
  const file = {
    tensors: { x: { data: Uint8Array.of(1, 2, 3), shape: [3] }, y: { data: Float32Array.of(4, 5), shape: [2, 1] } },
    metadata: { id: 'me' },
  }

  const u8 = { dtype: 'U8', shape: [4], data_offsets: [0, 4] }
  const safetensors = (header: unknown) => {
    const json = ascii(JSON.stringify(header))
    return Uint8Array.from([json.length, 0, 0, 0, 0, 0, 0, 0, ...json, ...new Uint8Array(8)])
  }

  it('come back as written, floats as views of the file', () => {
    const bytes = writeSafetensors(file)
    const read = readSafetensors(bytes)
    expect(read.tensors.x).toEqual(file.tensors.x)
    expect(read.tensors.y).toEqual(file.tensors.y)
    expect(read.metadata).toEqual({ id: 'me' })
    expect(read.tensors.y!.data.buffer).toBe(bytes.buffer)
  })

  it.each<TypedArray>([
    Float32Array.of(1.5, -2),
    Float64Array.of(Math.PI, -2),
    Int8Array.of(-128, 127),
    Uint8Array.of(0, 255),
    Int16Array.of(-32768, 2),
    Uint16Array.of(65535, 2),
    Int32Array.of(-(2 ** 31), 2),
    Uint32Array.of(2 ** 32 - 1, 2),
    BigInt64Array.of(-(2n ** 63n), 2n),
    BigUint64Array.of(2n ** 63n, 2n),
  ])('keep their type: %o', (data) => {
    const { tensors } = readSafetensors(writeSafetensors({ tensors: { a: { data, shape: [2] } }, metadata: {} }))
    expect(tensors.a).toEqual({ data, shape: [2] })
  })

  it('have no gaps, which other readers refuse', () => {
    const bytes = writeSafetensors(file)
    const length = new DataView(bytes.buffer).getUint32(0, true)
    const { x, y } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
    expect([length % 8, y.data_offsets, x.data_offsets, bytes.length]).toEqual([0, [0, 8], [8, 11], 8 + length + 11])
  })

  it.each([
    ['a header longer than the file', Uint8Array.from([255, 0, 0, 0, 0, 0, 0, 0, 123]), /cut short/],
    ['a header that is not JSON', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 2]), /not JSON/],
    ['the page of a server', ascii('<!DOCTYPE html><html>'), /is no \.safetensors file: it begins with "<!DOCTYP"\.$/],
    ['offsets outside', writeSafetensors(file).slice(0, -4), /does not add up/],
    ['an entry that is null', safetensors({ a: null }), /the entry of a does not add up/],
    [
      'offsets between bytes',
      safetensors({ a: { ...u8, data_offsets: [0.5, 4.5] } }),
      /the entry of a does not add up/,
    ],
    ['an unknown type', safetensors({ a: { ...u8, dtype: 'constructor' } }), /the entry of a does not add up/],
    ['tensors that overlap', safetensors({ a: u8, b: { ...u8, data_offsets: [3, 7] } }), /tensors overlap/],
    ['metadata that is no text', safetensors({ __metadata__: { id: 5 } }), /its metadata is no text/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(message)
    expect(() => readSafetensors(bytes)).toThrow(FormatError)
  })
})

describe('files that unpack to much', () => {
  it('of a zip archive the files are refused that lie on each other', () => {
    const zip = zipSync({ 'a.npy': npy('|u1', '(4096,)', new Uint8Array(4096)) }, { level: 0 })
    // The central directory, and behind it the number of its entries, twice, its size and its place.
    const at = zip.length - 22
    const start = new DataView(zip.buffer).getUint32(at + 16, true)
    const entries = Array(20)
      .fill([...zip.subarray(start, at)])
      .flat()
    const end = zip.slice(at)
    end.set([20, 0, 20, 0], 8)
    const bomb = Uint8Array.from([...zip.subarray(0, start), ...entries, ...end])
    expect(() => readNpz(bomb)).toThrow(/the files in it overlap/)
    // What says that it is empty when unpacked counts, too.
    const claims = zip.slice()
    claims.set([0, 0, 0, 0], start + 24)
    claims.set([255, 255, 255, 0], start + 20)
    expect(() => readNpz(claims)).toThrow(/the files in it overlap/)
    // What is too large in any case is said to be that.
    claims.set([255, 255, 255, 127], start + 20)
    expect(() => readNpz(claims)).toThrow(/unpacks to more than/)
  })

  it('of a zip archive no more is unpacked than its size gives reason for', () => {
    const claims = zipSync({ 'a.npy': npy('|u1', '(4096,)', new Uint8Array(4096)) })
    const start = new DataView(claims.buffer).getUint32(claims.length - 6, true)
    claims.set([0, 0, 0, 32], start + 24)
    expect(() => readNpz(claims)).toThrow(/unpacks to more than/)
    // Copies count.
    const zeros = npy('|u1', `(${2 ** 25},)`, new Uint8Array(2 ** 25))
    const files = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i}.npy`, zeros]))
    expect(() => readNpz(zipSync(files))).toThrow(/unpacks to more than/)
  })

  const mat = (packed: Uint8Array) =>
    Uint8Array.from([
      ...[...ascii('MATLAB 5.0 MAT-file'.padEnd(124)), 0, 1, ...ascii('IM'), 15, 0, 0, 0],
      ...new Uint8Array(Uint32Array.of(packed.length).buffer),
      ...packed,
    ])

  it('of a .mat file no more is unpacked than may be', () => {
    const zeros = deflateRawSync(new Uint8Array(2 ** 25), { finishFlush: constants.Z_FULL_FLUSH })
    // Its end is missing, so that what unpacks all of it says so.
    const bomb = mat(
      Uint8Array.from([
        0x78,
        0x9c,
        ...Array(9)
          .fill([...zeros])
          .flat(),
      ]),
    )
    expect(() => readMat(bomb)).toThrow(/unpacks to more than/)
  })

  it('of a .mat file no axes and names are taken that are none', () => {
    const u32 = (...numbers: number[]) => [...new Uint8Array(Uint32Array.from(numbers).buffer)]
    const matrix = (axes: number, name: number) => {
      const parts = [
        ...u32(6, 8, 6, 0),
        ...u32(1, axes),
        ...Array(axes).fill(0),
        ...u32(1, name),
        ...Array(name).fill(97),
      ]
      return mat(deflateSync(Uint8Array.from([...u32(14, parts.length), ...parts])))
    }
    for (const [axes, name] of [
      [1 << 16, 8],
      [8, 1 << 16],
    ] as const)
      expect(() => readMat(matrix(axes, name))).toThrow(
        /is damaged: an array of more than 32 axes, or a name that is no name/,
      )
  })
})

describe('hostile files', () => {
  const valid: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
    ['.npy', npy('<f4', '(2, 2)', new Uint8Array(16)), readNpy],
    ['pickle', Uint8Array.from([0x80, 2, ...tuple(unicode('abc'), int(5), [0x5d, 0x71, 1]), 0x2e]), readNumpyPickle],
    ['zip checkpoint', torchZip({ a: { shape: [2], data: Float32Array.of(1, 2) } }), readTorchCheckpoint],
    ['legacy checkpoint', torchLegacy({ a: { shape: [2], data: Float32Array.of(1, 2) } }), readTorchCheckpoint],
    [
      '.safetensors',
      writeSafetensors({ tensors: { x: { data: Float32Array.of(1), shape: [1] } }, metadata: {} }),
      readSafetensors,
    ],
  ]

  it.each(valid)(
    '%s: cut at every byte and 2,000 seeded mutations end in a value or a FormatError',
    (_, bytes, read) => {
      const attempt = (mutated: Uint8Array) => {
        try {
          read(mutated)
        } catch (error) {
          expect(error, String((error as Error).stack)).toBeInstanceOf(FormatError)
        }
      }
      for (let length = 0; length < bytes.length; length++) attempt(bytes.slice(0, length))
      const next = random(5)
      for (let i = 0; i < 2000; i++) {
        const mutated = bytes.slice()
        for (let k = 0; k <= i % 4; k++) mutated[Math.floor(next() * bytes.length)] = Math.floor(next() * 256)
        attempt(mutated)
      }
    },
  )
})

it('bytes that are in no array of bytes are named', () => {
  for (const read of [readNpy, readMat, readNumpyPickle, readSafetensors, readTorchCheckpoint])
    expect(() => read(new ArrayBuffer(64) as never)).toThrow(
      /expected its bytes as a Uint8Array .* new Uint8Array\(buffer\)/,
    )
})

const aflw = shared('images/aflw2000/image00050.mat')

describe.skipIf(!aflw)(`.mat${aflw ? '' : ' (skipped: ../shared/images is not here)'}`, () => {
  it('reads the labels of AFLW2000-3D', () => {
    const { pt3d_68, Pose_Para } = readMat(readFileSync(aflw!))
    expect(pt3d_68!.shape).toEqual([3, 68])
    expect(Number(Pose_Para!.data[0])).toBeCloseTo(-0.0813944, 6)
    expect(Number(Pose_Para!.data[3])).toBeCloseTo(229.70569, 3)
  })

  it('refuses damage with a FormatError', () => {
    const bytes = new Uint8Array(readFileSync(aflw!))
    const next = random(9)
    for (let i = 0; i < 300; i++) {
      const mutated = bytes.slice(0, i % 3 === 0 ? Math.floor(next() * bytes.length) : bytes.length)
      if (mutated.length > 0) mutated[Math.floor(next() * mutated.length)] = Math.floor(next() * 256)
      try {
        readMat(mutated)
      } catch (error) {
        expect(error, String((error as Error).stack)).toBeInstanceOf(FormatError)
      }
    }
  })
})
