import { existsSync } from 'node:fs'
import { join, parse } from 'node:path'
import { CliError, EXIT } from '../../errors.ts'
import type { Dataset, Sample } from '../sample.ts'
import { listFolder, picturesOf, pointPairs, readData } from './files.ts'

const JSON_NAME = 'landmarks68.json'

/** Pictures with 68 true points each: `landmarks68.json` (picture to [68][2]), or a .pts file beside each (300W). */
export function readLandmarks(folder: string): Dataset {
  const samples = existsSync(join(folder, JSON_NAME)) ? readJson(folder) : readPts(folder)
  if (samples.length === 0)
    throw new CliError(`${folder} has neither ${JSON_NAME} nor pictures with a .pts file beside each.`, EXIT.usage)
  return { name: 'landmarks', samples }
}

function readJson(folder: string): Sample[] {
  const path = join(folder, JSON_NAME)
  const all = parseJson(path)
  return Object.keys(all)
    .sort()
    .map((name) => {
      if (parse(name).base !== name) throw new CliError(`${path} names ${name}, outside its folder.`, EXIT.usage)
      if (['', '.', '..'].includes(name))
        throw new CliError(`${path} names ${JSON.stringify(name)}, no file of its folder.`, EXIT.usage)
      const [points, what] = [all[name], `${path}: ${name}`]
      if (!isPairs(points))
        throw new CliError(`${what} has something else than pairs of numbers, x y each.`, EXIT.usage)
      return { name, path: join(folder, name), points: checked(points.flat(), what), yaws: {} }
    })
}

function parseJson(path: string): Record<string, unknown> {
  const text = readData(path).toString('utf8')
  let all: unknown
  try {
    all = JSON.parse(text)
  } catch {
    throw new CliError(`${path} is not JSON.`, EXIT.usage)
  }
  if (typeof all === 'object' && all !== null && !Array.isArray(all)) return all as Record<string, unknown>
  throw new CliError(`${path} has no points by the names of pictures.`, EXIT.usage)
}

/** What JSON has for a number that is none (null, text, true) would be one by JavaScript's rules. */
function isPairs(value: unknown): value is [number, number][] {
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((number) => typeof number === 'number')
  return Array.isArray(value) && value.every(isPair)
}

function readPts(folder: string): Sample[] {
  const names = listFolder(folder)
  return [...picturesOf(names)].flatMap(([base, picture]): Sample[] => {
    if (!names.includes(`${base}.pts`)) return []
    const path = join(folder, `${base}.pts`)
    const body = /\{([^{}]*)\}/.exec(readData(path).toString('utf8'))?.[1] ?? ''
    const numbers = body.split(/\s+/).filter(Boolean).map(Number)
    return [{ name: picture, path: join(folder, picture), points: checked(numbers, path), yaws: {} }]
  })
}

function checked(numbers: readonly number[], what: string): Float64Array {
  if (numbers.length !== 136)
    throw new CliError(`${what} has ${numbers.length} numbers; expected x y of 68 points.`, EXIT.usage)
  return pointPairs(numbers, 68, false, what)
}
