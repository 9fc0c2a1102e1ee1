// What a new process takes with and without kept graphs, and what options of a session do to its runs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quantile, summarizeRatios } from '@3ddfa/core/evaluation'
import { createNodeSession, type NodeSessionOptions } from '@3ddfa/inference/node'
import { openModelStore } from '@3ddfa/models/node'
import { detectorPath, regressorPath } from '@3ddfa/open-models/node'
import { measureInTurns } from '../../packages/cli/src/bench/measure.ts'
import { type Measured, number } from './measured.ts'
import { runOpening } from './opening.ts'
import { markdownTable } from './results.ts'

/** Median and quartiles of `b` over `a`, pair by pair. */
export interface Comparison {
  readonly name: string
  readonly first: number
  readonly second: number
  readonly ratio: readonly [median: number, q1: number, q3: number]
}

export interface StartResult {
  /** Milliseconds of processor time of processes that open a detector and a regressor: without and with kept graphs. */
  readonly opening: readonly Comparison[]
  /** Milliseconds of a detector's and a regressor's run after each other, two threads: idle threads sleep, or spin. */
  readonly spinning: readonly Comparison[]
}

const ROUNDS = 9

async function pairs(): Promise<Readonly<Record<string, readonly string[]>>> {
  const store = openModelStore({ onWarning: () => {} })
  const paths = (...ids: string[]) => Promise.all(ids.map((id) => store.ensure(id)))
  return {
    'FaceBoxes and mb05': await paths('faceboxes', 'mb05'),
    'the same in 8 bits': await paths('faceboxes-int8', 'mb05-int8'),
    'the open pack': [detectorPath, regressorPath],
  }
}

export async function measureStart(): Promise<StartResult> {
  const opening: Comparison[] = []
  const spinning: Comparison[] = []
  for (const [name, networks] of Object.entries(await pairs())) {
    opening.push(await compareOpening(name, networks))
    spinning.push(await compareSpinning(name, networks))
  }
  return { opening, spinning }
}

async function compareOpening(name: string, networks: readonly string[]): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-graphs-'))
  const [without, kept]: number[][] = [[], []]
  try {
    await runOpening(networks, folder)
    for (let round = 0; round < ROUNDS; round++)
      for (const graphs of round % 2 ? [folder, undefined] : [undefined, folder])
        (graphs ? kept! : without!).push(await runOpening(networks, graphs))
  } finally {
    rmSync(folder, { recursive: true })
  }
  return compare(name, without!, kept!)
}

async function compareSpinning(name: string, networks: readonly string[]): Promise<Comparison> {
  const things = []
  const sessions = []
  for (const spins of [false, true]) {
    const own = await Promise.all(networks.map((path) => open(path, { threads: 2, spinning: spins })))
    sessions.push(...own)
    const run = async (): Promise<void> => {
      for (const each of own) await each.run()
    }
    things.push({ run, per: 1 })
  }
  const [asleep, spun] = await measureInTurns(things, { seconds: 3, leastRounds: 30 })
  for (const { session } of sessions) await session.dispose()
  return compare(name, asleep!, spun!)
}

/** A session with something to look at: a region for a regressor, a picture for a detector of any size. */
async function open(path: string, options: NodeSessionOptions) {
  const session = await createNodeSession(path, options)
  const { name, dims } = session.inputs[0]!
  const known = dims.map((dim, axis) => (dim > 0 ? dim : [1, 512, 1088, 3][axis]!))
  const data = new Uint8Array(known.reduce((product, dim) => product * dim, 1)).map((_, i) => i * 7)
  return { session, run: () => session.run({ [name]: { type: 'uint8', data, dims: known } }) }
}

function compare(name: string, first: readonly number[], second: readonly number[]): Comparison {
  const { median, q1, q3 } = summarizeRatios(first, second)
  return { name, first: quantile(first, 0.5), second: quantile(second, 0.5), ratio: [median, q1, q3] }
}

export function describeStart(measured: Measured<StartResult>): string {
  const { machine, date, load, result } = measured
  const table = (head: readonly string[], comparisons: StartResult['opening']): string =>
    markdownTable([
      [...head, 'ratio', 'quartiles'],
      ...comparisons.map(({ name, first, second, ratio: [median, q1, q3] }) => [
        ...[name, number(first), number(second), `${median.toFixed(2)}x`, `${q1.toFixed(2)} to ${q3.toFixed(2)}`],
      ]),
    ])
  return [
    `${machine}; ${date}; load ${load[0]} before, ${load[1]} after. Medians in milliseconds, ratios pair by pair.`,
    '',
    table(['opened in a new process, processor time', 'optimised', 'from kept graphs'], result.opening),
    '',
    table(['a run of both, two threads', 'idle threads sleep', 'spin'], result.spinning),
  ].join('\n')
}
