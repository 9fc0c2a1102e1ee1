import { dirname, join, relative, sep } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { type JsonImage, provenanceOf } from '@3ddfa/core'
import sharp from 'sharp'
import { alignPicture } from '../align-picture.ts'
import type { BatchFlags } from '../commands/batch-command.ts'
import { openAligner } from '../compose.ts'
import { createConsole } from '../console.ts'
import { messageOf, UnwritableError } from '../errors.ts'
import { createFolder } from '../files.ts'
import { openSurface } from '../open-surface.ts'
import { openStore } from '../store.ts'
import { type Answer, failure, type Stop } from './answer.ts'
import type { Candidate } from './source.ts'

/** What a thread is started with. */
export interface WorkerSettings {
  readonly flags: BatchFlags
  /** Only one thread says what all would say. */
  readonly silent: boolean
}

const { flags, silent } = workerData as WorkerSettings
const { out, outputs = [] } = flags
const port = parentPort!

// The threads of the pool keep the cores busy; more of them a picture only take memory.
sharp.concurrency(1)
const speaking = createConsole(flags)
const quiet = { ...speaking, info() {}, warn() {}, detail() {} }
const console = silent ? quiet : speaking
const store = openStore(flags, console, { offline: true })
const aligner = await openAligner({ ...flags, threads: 1 }, store, console)
const surface = await openSurface(flags, aligner, store, console)

port.on('message', take)
port.postMessage(provenanceOf(aligner))

/** Jobs, and after the last one null. */
async function take(job: Candidate | null): Promise<void> {
  if (job) return port.postMessage(await answer(job))
  await aligner.dispose()
  // A port that nobody listens to holds no thread. (It would do to close it, but for Deno.)
  port.off('message', take)
}

async function answer({ key, input }: Candidate): Promise<Answer | Stop> {
  try {
    const base = join(out, key)
    if (outputs.length > 0) createFolder(dirname(base))
    const { entry, notes } = await alignPicture({ input, base }, outputs, aligner, { ...flags, surface })
    const line = JSON.stringify({ ...entry, file: key, outputs: relativeOutputs(entry.outputs) } satisfies JsonImage)
    return { file: key, line, faces: entry.faces.length, notes }
  } catch (error) {
    if (error instanceof UnwritableError) return { stop: messageOf(error) }
    return failure(key, messageOf(error))
  }
}

/** Relative to the output folder, so that it may be moved. */
function relativeOutputs(paths: Readonly<Record<string, string[]>>): Record<string, string[]> {
  const own = (path: string): string => relative(out, path).replaceAll(sep, '/')
  return Object.fromEntries(Object.entries(paths).map(([name, files]) => [name, files.map(own)]))
}
