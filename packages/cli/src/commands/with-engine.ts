import type { FaceAligner } from '@3ddfa/core'
import { openAligner } from '../compose.ts'
import { type Console, createConsole } from '../console.ts'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { openSurface } from '../open-surface.ts'
import type { Surface } from '../outputs/surface.ts'
import { openStore } from '../store.ts'
import type { PictureEngineFlags } from './engine-options.ts'

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
  const { aligner, surface } = await open(flags, console)
  try {
    return await work({ aligner, surface, console })
  } finally {
    await aligner.dispose()
  }
}

async function open(flags: PictureEngineFlags, console: Console): Promise<Omit<Engine, 'console'>> {
  const store = openStore(flags, console, { offline: true })
  try {
    const aligner = await openAligner(flags, store, console)
    const surface = await openSurface(flags, aligner, store, console)
    console.detail(`Mesh backend: ${aligner.backend.id}.`)
    return { aligner, surface }
  } catch (error) {
    throw new CliError(messageOf(error), EXIT.usage)
  }
}
