import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Provenance } from '@3ddfa/core'
import type { BatchFlags } from '../commands/batch-command.ts'
import { CliError, EXIT, systemReason } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { formatJson } from '../report.ts'
import { OF_ALIGN } from './align-options.ts'

/** `batch.json` beside the results: what their lines have in common. */
export interface Manifest extends Provenance {
  readonly schema: '3ddfa.batch'
  readonly version: 1
  /** Absolute path of the folder that `file` of each line is relative to. */
  readonly root: string
  /** The options that shape the results. */
  readonly options: Readonly<Record<string, unknown>>
}

/** The backend is not among them: what counts is the one that runs. */
const SHAPING = [...OF_ALIGN.filter((name) => name !== 'backend'), 'outputs', 'ordered'] as const

export function manifestOf(root: string, provenance: Provenance, flags: BatchFlags): Manifest {
  const options = Object.fromEntries(SHAPING.map((name) => [name, flags[name] ?? null]))
  return { schema: '3ddfa.batch', version: 1, root, ...provenance, options }
}

/**
 * Writes the manifest, or makes sure that the folder's is the same: a folder holds the results of one batch.
 * @param begun whether there are results already.
 * @throws {CliError} that names what differs.
 */
export function claimFolder(folder: string, manifest: Manifest, begun: boolean): void {
  const path = join(folder, 'batch.json')
  const present = readFacts(path)
  if (present === undefined && begun)
    throw new CliError(`${folder} has results.jsonl but no batch.json; give another --out.`, EXIT.usage)
  if (present === undefined) writeWhole(path, formatJson(manifest))
  const different = differences(present ?? facts(manifest), facts(manifest))
  if (different.length === 0) return
  throw new CliError(
    `The batch in ${folder} was begun otherwise: ${different.join(', ')}. Give the same options and models, or another --out.`,
    EXIT.usage,
  )
}

type Facts = ReadonlyMap<string, string>

function differences(was: Facts, is: Facts): string[] {
  const shown = (value = 'undefined'): string => (value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value)
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => was.get(name) !== is.get(name))
    .map((name) => `${name} was ${shown(was.get(name))} and is ${shown(is.get(name))}`)
}

/** Characters: more than the models and outputs have. */
const MAX_SHOWN = 300

/** Everything in a manifest by name, as JSON; the parameters follow from the models. */
function facts({ options, parameters: _, ...rest }: Manifest): Facts {
  const all = { ...rest, ...options }
  // A list is one of outputs, whose order changes nothing.
  const sorted = (value: unknown): unknown => (Array.isArray(value) ? value.toSorted() : value)
  return new Map(Object.entries(all).map(([name, value]) => [name, JSON.stringify(sorted(value))]))
}

function readFacts(path: string): Facts | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CliError(`${path} cannot be read: ${systemReason(error)}.`, EXIT.usage)
  }
  try {
    const value: Manifest | null = JSON.parse(text)
    if (value?.schema === '3ddfa.batch' && typeof value.options === 'object') return facts(value)
  } catch {
    // No JSON, or one that nests too deep to be written down. Said below.
  }
  throw new CliError(`${path} is no batch.json of 3ddfa batch; give another --out.`, EXIT.usage)
}
