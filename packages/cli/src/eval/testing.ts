import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of its own with these files. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-eval-'))
  for (const [name, data] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), data)
  }
  return folder
}

/** A float32 .npy. */
export function npy(shape: readonly number[], data: readonly number[]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117)
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    Buffer.from(`${header}\n`, 'latin1'),
    Buffer.from(Float32Array.from(data).buffer),
  ])
}

/** A MATLAB v5 file of double matrices, given row by row. */
export function mat(matrices: Readonly<Record<string, readonly (readonly number[])[]>>): Uint8Array {
  const header = Buffer.alloc(128, ' ')
  header.write('MATLAB 5.0 MAT-file')
  header.writeUInt16LE(0x0100, 124)
  header.write('IM', 126)
  return Buffer.concat([header, ...Object.entries(matrices).map(([name, rows]) => element(14, matrix(name, rows)))])
}

function matrix(name: string, rows: readonly (readonly number[])[]): Buffer {
  const columns = rows[0]!.length
  const byColumn = Float64Array.from(
    { length: rows.length * columns },
    (_, i) => rows[i % rows.length]![Math.floor(i / rows.length)]!,
  )
  return Buffer.concat([
    element(6, Buffer.from(Uint32Array.of(6, 0).buffer)),
    element(5, Buffer.from(Int32Array.of(rows.length, columns).buffer)),
    element(1, Buffer.from(name)),
    element(9, Buffer.from(byColumn.buffer)),
  ])
}

function element(type: number, data: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(Uint32Array.of(type, data.length).buffer),
    data,
    Buffer.alloc((8 - (data.length % 8)) % 8),
  ])
}
