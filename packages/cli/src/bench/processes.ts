import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Summary, summarize } from '@3ddfa/core/evaluation'
import { CliError } from '../errors.ts'
import type { MemoryJob, MemoryUse } from './memory-process.ts'
import type { Setting } from './setting.ts'

/** What whole processes take in one setting. */
export interface ProcessResult {
  readonly setting: Setting
  /** Milliseconds from start to end of `3ddfa align PICTURE --json`, models ready. */
  readonly coldStart: Summary
  /** Most memory that such a process had, MiB. */
  readonly peak: Summary
  readonly memory: MemoryUse
}

export interface ProcessOptions {
  readonly picture: string
  readonly model: string
  readonly detectSize?: number | undefined
  /** As `--max-pixels` has it. */
  readonly maxPixels: number
  readonly from?: readonly string[] | undefined
  readonly cache?: string | undefined
  /** Processes for each setting. */
  readonly runs: number
}

/** Starts processes in turns, as measurements are taken. */
export async function measureProcesses(
  settings: readonly Setting[],
  options: ProcessOptions,
): Promise<ProcessResult[]> {
  const starts = settings.map((): { milliseconds: number; mebibytes: number }[] => [])
  for (let round = 0; round < options.runs; round++)
    for (let k = 0; k < settings.length; k++) {
      const i = (round + k) % settings.length
      starts[i]!.push(await startOnce(settings[i]!, options))
    }
  const results: ProcessResult[] = []
  for (const [i, setting] of settings.entries())
    results.push({
      setting,
      coldStart: summarize(starts[i]!.map((start) => start.milliseconds)),
      peak: summarize(starts[i]!.map((start) => start.mebibytes)),
      memory: await watchMemory(setting, options),
    })
  return results
}

/**
 * Lets a process say at its end how much memory it had, on a pipe of its own. Linux' own count, where there is one: the portable
 * one starts at what the parent had when it started the process.
 */
const REPORTER = `data:text/javascript,${encodeURIComponent(`
import { readFileSync, writeSync } from 'node:fs'
process.on('exit', () => {
  let peak = process.resourceUsage().maxRSS
  try { peak = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1] } catch {}
  writeSync(3, String(peak))
})`)}`

async function startOnce(
  setting: Setting,
  options: ProcessOptions,
): Promise<{ milliseconds: number; mebibytes: number }> {
  const args = ['--import', REPORTER, process.argv[1]!, ...alignArguments(setting, options)]
  const start = performance.now()
  const said = await finish(args, 3)
  return { milliseconds: performance.now() - start, mebibytes: Number(said) / 1024 }
}

/** Of the `3ddfa align` that is measured. */
export function alignArguments(setting: Setting, options: ProcessOptions): string[] {
  const { batch: _, ...engine } = setting
  const size = options.detectSize !== undefined && { 'detect-size': options.detectSize }
  const common = { ...size, 'max-pixels': options.maxPixels, model: options.model }
  const flags = Object.entries({ ...engine, ...common }).flatMap(([name, value]) => [`--${name}`, String(value)])
  return ['align', '--json', '--quiet', ...flags, ...sources(options), '--', options.picture]
}

/** A process of its own, so that no other setting's memory counts. */
async function watchMemory(setting: Setting, options: ProcessOptions): Promise<MemoryUse> {
  const { picture, model, detectSize, maxPixels, from, cache } = options
  const job: MemoryJob = { picture, setting, model, detectSize, maxPixels, from, cache }
  const path = fileURLToPath(new URL('./bench-memory.js', import.meta.url))
  return JSON.parse(await finish([path, JSON.stringify(job)], 1)) as MemoryUse
}

function sources({ from = [], cache }: ProcessOptions): string[] {
  return [...from.flatMap((folder) => ['--from', folder]), ...(cache === undefined ? [] : ['--cache', cache])]
}

/** Runs Node to its end. @returns what it wrote on file descriptor `pipe`. */
function finish(args: readonly string[], pipe: 1 | 3): Promise<string> {
  const stdio = [0, 1, 2, 3].map((i) => (i === pipe || i === 2 ? 'pipe' : 'ignore')) as ('pipe' | 'ignore')[]
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio })
  let [said, complaint] = ['', '']
  child.stdio[pipe]!.on('data', (data) => {
    said += data
  })
  child.stdio[2]!.on('data', (data) => {
    complaint += data
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(said)
      else {
        const lines = complaint.trim().split('\n')
        const reason = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1)
        reject(new CliError(`A process that was measured ended with ${code}: ${reason}`))
      }
    })
  })
}
