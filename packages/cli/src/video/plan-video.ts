import { join, parse } from 'node:path'
import type { Drawing } from '@3ddfa/core'
import { CliError, EXIT } from '../errors.ts'
import { prepareOutput, realPath, statOutput } from '../files.ts'
import { containerOf } from './containers.ts'
import { type Span, type VideoInput, videoInput } from './video-input.ts'

/** What will be read and written. */
export interface VideoPlan {
  readonly input: VideoInput
  readonly span: Span
  readonly drawings: readonly Drawing[]
  /** Paths; `-` for `json` is stdout. */
  readonly out: string | undefined
  readonly json: string | undefined
  readonly glb: string | undefined
  readonly display: boolean
  /** Whether files that have the names give way. */
  readonly overwrite: boolean
}

export interface VideoPlanOptions {
  readonly outputs?: readonly (Drawing | 'none')[] | undefined
  readonly inputFormat?: string | undefined
  readonly out?: string | undefined
  readonly json?: string | undefined
  readonly glb?: string | undefined
  readonly display?: boolean | undefined
  readonly start?: number | undefined
  readonly end?: number | undefined
  readonly overwrite?: boolean | undefined
}

/**
 * Checks all options before anything starts, and creates the outputs' folders.
 * @throws {CliError} when they do not go together, or an output is in the way of another or of the input.
 */
export function planVideo(name: string, options: VideoPlanOptions): VideoPlan {
  const { json, glb, display = false, start = 0, end, overwrite = false } = options
  if (end !== undefined && end <= start)
    throw new CliError(`Expected --end after --start (${start} s) but received ${end} s.`, EXIT.usage)
  const input = videoInput(name, options.inputFormat)
  const draws = !(options.outputs ?? []).includes('none')
  if (!draws && (options.out !== undefined || display || options.outputs!.length > 1))
    throw new CliError('-o none draws nothing: it goes with --json and --glb only.', EXIT.usage)
  if (!draws && json === undefined && glb === undefined)
    throw new CliError('Expected --json or --glb with -o none; nothing would be made.', EXIT.usage)
  const drawings = draws ? ((options.outputs ?? ['sparse']) as Drawing[]) : []
  const out = options.out ?? (draws && needsFile(options) ? defaultOut(input, drawings) : undefined)
  if (out !== undefined) containerOf(out)
  if (glb !== undefined && !glb.toLowerCase().endsWith('.glb'))
    throw new CliError(`Expected .glb at the end of --glb but received ${glb}.`, EXIT.usage)
  checkPaths(input, [out, json === '-' ? undefined : json, glb], overwrite)
  return { input, span: { start, end }, drawings, out, json, glb, display, overwrite }
}

/** A video is made unless something else was asked for, and then when -o says what to draw. */
function needsFile({ outputs, json, glb, display }: VideoPlanOptions): boolean {
  return !display && (outputs !== undefined || (json === undefined && glb === undefined))
}

function defaultOut({ kind, name }: VideoInput, drawings: readonly Drawing[]): string {
  const base = kind === 'device' ? kind : name === '-' ? 'stdin' : parse(name).name
  return join('out', `${base}_${drawings.join('_')}.mp4`)
}

function checkPaths(input: VideoInput, outputs: readonly (string | undefined)[], overwrite: boolean): void {
  const sources = input.kind === 'file' ? [input.name] : []
  const seen = new Set<string>()
  for (const path of outputs) {
    if (path === undefined) continue
    const isThere = statOutput(path, sources) !== undefined
    const full = realPath(path)
    if (seen.has(full)) throw new CliError(`Two outputs have the name ${path}.`, EXIT.usage)
    seen.add(full)
    if (isThere && !overwrite) throw new CliError(`${path} is there already; --overwrite replaces it.`, EXIT.usage)
    prepareOutput(path, sources)
  }
}
