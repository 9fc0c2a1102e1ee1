import { join } from 'node:path'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { Provenance } from '@3ddfa/core'
import type { BatchFlags } from '../commands/batch-command.ts'
import type { Console } from '../console.ts'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { blockOtherFormats } from '../images.ts'
import { type SettledModels, settleModels } from '../model-choice.ts'
import { countFaces } from '../report.ts'
import { openStore } from '../store.ts'
import { type Answer, failure, type Stop } from './answer.ts'
import { forEachOf } from './each.ts'
import { Journal } from './journal.ts'
import { inShard } from './keys.ts'
import type { FolderLock } from './lock.ts'
import { claimFolder, manifestOf } from './manifest.ts'
import { BrokenPoolError, WorkerPool } from './pool.ts'
import { BatchProgress } from './progress.ts'
import type { Candidate, Source } from './source.ts'
import type { WorkerSettings } from './worker.ts'

type Pool = WorkerPool<Candidate, Answer | Stop, Provenance>

/** What a run did. */
export interface Tally {
  /** Pictures done in this run, failed ones among them. */
  pictures: number
  faces: number
  failed: number
  /** Pictures and failures of the runs before. */
  readonly before: Journal['before']
  /** Pictures, done or not, that the source named in all shards. */
  found: number
}

/** Jobs begun a thread: one to work on, one to go on with at once; in order more, so that a slow picture holds up fewer. */
const JOBS = { asDone: 2, ordered: 8 }
const MAX_ERRORS_SHOWN = 1000

/** Does what is left to do of a batch. @param lock that of its folder. */
export async function runBatch(
  source: Source,
  flags: BatchFlags,
  lock: FolderLock,
  signal: AbortSignal,
  console: Console,
): Promise<Tally> {
  const journal = await Journal.open(join(flags.out, 'results.jsonl'))
  try {
    const settled = { ...flags, ...(await settle(flags, console)) }
    const pool = await openPool(settled, console)
    try {
      claimFolder(flags.out, manifestOf(source.root, pool.hello, settled), journal.before.pictures > 0)
      journal.begin()
      return await alignAll(source, pool, journal, settled, lock, signal, console)
    } finally {
      await pool.close()
    }
  } finally {
    journal.close()
  }
}

/** Here, so that the threads do not all make what is missing, and agree. */
async function settle(flags: BatchFlags, console: Console): Promise<SettledModels> {
  try {
    return await settleModels(flags, openStore(flags, console, { offline: true }), console)
  } catch (error) {
    throw new CliError(messageOf(error), EXIT.usage)
  }
}

async function openPool(flags: BatchFlags, console: Console): Promise<Pool> {
  try {
    blockOtherFormats()
    const pool: Pool = await WorkerPool.open(flags.workers, (index) => startWorker({ flags, silent: index > 0 }))
    console.detail(`Threads: ${flags.workers}. Mesh backend: ${pool.hello.backend}.`)
    return pool
  } catch (error) {
    throw new CliError(messageOf(error), EXIT.usage)
  }
}

/**
 * What a thread may leave to the collector before it comes. Node 24 has it come so seldom that what small pictures leave outside of the
 * heap filled 500 MiB before nothing was added any more; so it is 300, at the same speed.
 */
const YOUNG_MEBIBYTES = 24

function startWorker(workerData: WorkerSettings): Worker {
  // Beside the built command; see tsdown.config.ts.
  // What threads set for onnxruntime, it reads from the environment of the process.
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MEBIBYTES }
  return new Worker(new URL('./batch-worker.js', import.meta.url), { workerData, env: SHARE_ENV, resourceLimits })
}

async function alignAll(
  source: Source,
  pool: Pool,
  journal: Journal,
  flags: BatchFlags,
  lock: FolderLock,
  signal: AbortSignal,
  console: Console,
): Promise<Tally> {
  const tally: Tally = { pictures: 0, faces: 0, failed: 0, before: journal.before, found: 0 }
  const progress = new BatchProgress(console, journal.before.pictures)
  if (source.countable && !flags.quiet)
    void count(source, flags, signal).then(
      (total) => progress.setTotal(total),
      () => {},
    )
  const limit = flags.workers * (flags.ordered ? JOBS.ordered : JOBS.asDone)
  const record = (answer: Answer): void => {
    lock.check()
    journal.append(answer.line)
    add(tally, answer)
    progress.add()
    tell(answer, tally, console)
  }
  try {
    const left = pending(source, journal, flags, signal, tally)
    await forEachOf(left, (picture) => alignOne(picture, pool), record, { limit, ordered: flags.ordered ?? false })
  } finally {
    progress.stop()
  }
  return tally
}

/** The pictures of this shard that are not done yet, each once. */
async function* pending(
  source: Source,
  journal: Journal,
  { shard }: BatchFlags,
  signal: AbortSignal,
  tally: Tally,
): AsyncGenerator<Candidate> {
  for await (const picture of source.files(signal)) {
    if (signal.aborted) return
    tally.found++
    if (shard && !inShard(picture.key, shard)) continue
    if (journal.keys.add(picture.key)) yield picture
  }
}

async function count(source: Source, { shard }: BatchFlags, signal: AbortSignal): Promise<number> {
  let total = 0
  for await (const { key } of source.files(signal)) if (!shard || inShard(key, shard)) total++
  return total
}

/**
 * A picture that fails, even one that ends its thread, becomes an entry that says why.
 * @throws {CliError} when no thread is left to look at it, or nothing can be written any more: the picture is not done then.
 */
async function alignOne(picture: Candidate, pool: Pool): Promise<Answer> {
  if (picture.problem !== undefined) return failure(picture.key, picture.problem)
  try {
    const answer = await pool.run(picture)
    if ('stop' in answer) throw stopped(answer.stop)
    return answer
  } catch (error) {
    if (error instanceof BrokenPoolError) throw stopped(`No thread can be started any more: ${error.message}`)
    if (error instanceof CliError) throw error
    return failure(picture.key, `${picture.input} could not be aligned: ${messageOf(error)}.`)
  }
}

function stopped(reason: string): CliError {
  return new CliError(`${reason.replace(/\.$/, '')}; the same command goes on from here.`)
}

function add(tally: Tally, { faces, error }: Answer): void {
  tally.pictures++
  tally.faces += faces
  if (error !== undefined) tally.failed++
}

function tell({ file, faces, error, notes = [] }: Answer, { failed }: Tally, console: Console): void {
  for (const note of notes) console.warn(note)
  if (error === undefined) console.detail(`${file}: ${countFaces(faces)}`)
  else if (failed <= MAX_ERRORS_SHOWN) console.error(error)
}
