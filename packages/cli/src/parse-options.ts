import { InvalidArgumentError, Option } from 'commander'
import { OUTPUT_NAMES, type OutputName } from './outputs/names.ts'

/** An option of named values; the first is the default. */
export function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values).default(values[0])
}

/** A parser of whole numbers in [min, max]. */
export function integerIn(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
    return value
  }
}

/** A parser of numbers in [min, max]. */
export function numberIn(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`)
    return value
  }
}

/** A parser of folders' paths. */
export function folderPath(text: string): string {
  if (text === '') throw new InvalidArgumentError("Expected a folder's path; the current one is: .")
  return text
}

/** A parser of the names that networks are written to. */
export function networkPath(text: string): string {
  if (!/\.onnx$/i.test(text)) throw new InvalidArgumentError('Expected a name that ends in .onnx.')
  return text
}

/** Gathers an option that may be given again and again. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

/** Parses `2d_sparse,ply` or `all`; the option may be given again and again. */
export function outputList(text: string, before: readonly OutputName[] = []): OutputName[] {
  const names = text === 'all' ? OUTPUT_NAMES : text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !OUTPUT_NAMES.includes(name as OutputName))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no output "${unknown}"; there are ${OUTPUT_NAMES.join(', ')}, or all.`)
  return [...new Set([...before, ...(names as OutputName[])])]
}
