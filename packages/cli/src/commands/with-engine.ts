import type { FaceAligner } from '@3ddfa/core'
import type { ModelStore } from '@3ddfa/models/node'
import { type AlignerChoice, openAligner } from '../compose.ts'
import { type Console, createConsole } from '../console.ts'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { openSurface } from '../open-surface.ts'
import type { Surface } from '../outputs/surface.ts'
import { openStore } from '../store.ts'
import type { PictureEngineFlags } from './engine-options.ts'
import type { SourceFlags } from './source-options.ts'

export interface Engine {
  readonly aligner: FaceAligner
  readonly surface: Surface
  readonly console: Console
}

/**
 * Runs `work` with an aligner and the mesh that `--topology` names, and disposes of them.
 * @throws {CliError} when a part is missing or does not work here.
 */
export async function withEngine<T>(flags: PictureEngineFlags, work: (engine: Engine) => Promise<T>): Promise<T> {
  const console = createConsole(flags)
  return withAligner(flags, console, async (aligner, store) => {
    const surface = await openSurface(flags, aligner, store, console).catch(refuse)
    return work({ aligner, surface, console })
  })
}

/**
 * Runs `work` with an aligner and the store that its models are from, and disposes of the aligner.
 * @throws {CliError} when a part is missing or does not work here.
 */
export async function withAligner<T>(
  flags: AlignerChoice & SourceFlags,
  console: Console,
  work: (aligner: FaceAligner, store: ModelStore) => Promise<T>,
): Promise<T> {
  const store = openStore(flags, console, { offline: true })
  const aligner = await openAligner(flags, store, console).catch(refuse)
  console.detail(`Mesh backend: ${aligner.backend.id}.`)
  try {
    return await work(aligner, store)
  } finally {
    await aligner.dispose()
  }
}

/** What was asked for cannot be had here. */
function refuse(error: unknown): never {
  throw new CliError(messageOf(error), EXIT.usage)
}
