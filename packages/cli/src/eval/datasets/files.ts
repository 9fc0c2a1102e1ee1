import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, parse } from 'node:path'
import { MAX_REGION } from '@3ddfa/core'
import { faceBoxSize } from '@3ddfa/core/evaluation'
import { asFloat32, type NumericArray, readMat, readNpy } from '@3ddfa/models'
import { CliError, EXIT, messageOf, systemReason } from '../../errors.ts'
import { checkFile } from '../../files.ts'
import { isPicture } from '../../images.ts'

/** Names in a folder, sorted, hidden ones left out (macOS leaves `._NAME` beside each). @throws {CliError} when it cannot be read. */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort()
  } catch (error) {
    throw new CliError(`${folder} cannot be read: ${systemReason(error)}.`, EXIT.usage)
  }
}

/** The pictures among the names, by their name without ending. */
export function picturesOf(names: readonly string[]): Map<string, string> {
  const pictures = names.filter(isPicture)
  return new Map(pictures.map((name) => [parse(name).name, name]))
}

/** Bytes of a file of a data set. @throws {CliError} one sentence. */
export function readData(path: string): Buffer {
  try {
    checkFile(path, statSync(path))
    return readFileSync(path)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`${path} cannot be read: ${systemReason(error)}.`, EXIT.usage)
  }
}

export function readMatFile(path: string): Record<string, NumericArray> {
  return parsed(() => readMat(readData(path), path))
}

/** A .npy list as rows: first axis the pictures. @throws {CliError} unless it has `count` rows, of `size` numbers where that is given. */
export function readRows(path: string, count: number, size?: number): Float32Array[] {
  const array = parsed(() => readNpy(readData(path), path))
  const data = asFloat32(array)
  checkNumbers(data, path)
  const rows = array.shape[0] ?? 0
  if (rows !== count)
    throw new CliError(
      `${path} has ${rows} rows but there are ${count} pictures, which it counts in order.`,
      EXIT.usage,
    )
  const found = data.length / rows
  if (size !== undefined && found !== size)
    throw new CliError(`${path} has ${found} numbers a picture; expected ${size}.`, EXIT.usage)
  return Array.from({ length: rows }, (_, i) => data.subarray(i * found, (i + 1) * found))
}

/** The first of `names` in a folder or in its `test.configs`, where 3DDFA keeps its lists. */
export function findList(folder: string, ...names: string[]): string | undefined {
  return names
    .flatMap((name) => [join(folder, name), join(folder, 'test.configs', name)])
    .find((path) => existsSync(path))
}

/**
 * x y of each point, from points that lie in rows (x of all, y of all, maybe z) or one after the other. MATLAB counts pixels from
 * 1; the published protocols take the numbers as they are.
 * @throws {CliError} unless there are `count` points, all of finite numbers, and 68 points span an area: errors are measured by it.
 */
export function pointPairs(data: ArrayLike<number>, count: number, inRows: boolean, path: string): Float64Array {
  const dimensions = data.length / count
  if (dimensions !== 2 && dimensions !== 3)
    throw new CliError(`${path} has ${data.length} numbers a picture; expected x y (z) of ${count} points.`, EXIT.usage)
  checkNumbers(data, path)
  const pairs = Float64Array.from({ length: 2 * count }, (_, i) =>
    inRows ? data[(i & 1) * count + (i >> 1)]! : data[(i >> 1) * dimensions + (i & 1)]!,
  )
  // Their squares would be infinite, and errors in shares of such a face nothing.
  const far = pairs.find((at) => Math.abs(at) > MAX_REGION)
  if (far !== undefined)
    throw new CliError(
      `${path} has a point at ${far}, beyond all pictures; expected at most ${MAX_REGION} pixels.`,
      EXIT.usage,
    )
  if (count === 68 && !(faceBoxSize(pairs) > 0))
    throw new CliError(`${path} has all 68 points on one line or in one place; expected those of a face.`, EXIT.usage)
  return pairs
}

/** @throws {CliError} unless all are finite: an error of nothing would be blamed on the aligner. */
export function checkNumbers(data: ArrayLike<number>, path: string): void {
  if (!Array.prototype.every.call(data, Number.isFinite))
    throw new CliError(`${path} holds something that is no number, or an infinite one.`, EXIT.usage)
}

function parsed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof CliError ? error : new CliError(messageOf(error), EXIT.usage)
  }
}
