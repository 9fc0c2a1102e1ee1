import { lockFolder } from '../batch/lock.ts'
import { runBatch, type Tally } from '../batch/run.ts'
import { openSource } from '../batch/source.ts'
import { removeTemporaries } from '../batch/temporaries.ts'
import { createConsole } from '../console.ts'
import { CliError, EXIT } from '../errors.ts'
import { createFolder } from '../files.ts'
import { Interrupt } from '../interrupt.ts'
import { describeTotals } from '../report.ts'
import type { BatchFlags } from './batch-command.ts'

/** Aligns all pictures of a source on several threads, or what is left of them. @returns the exit code. */
export async function batch(argument: string, flags: BatchFlags): Promise<number> {
  const console = createConsole(flags)
  const source = await openSource(argument, flags)
  createFolder(flags.out)
  const lock = await lockFolder(flags.out, () => removeTemporaries(flags.out), { tell: console.info })
  const stop = new AbortController()
  const interrupt = new Interrupt(() => {
    console.info('Finishing the pictures that are begun; once more ends at once.')
    stop.abort()
  })
  try {
    const start = performance.now()
    const tally = await runBatch(source, flags, lock, stop.signal, console)
    console.info(summarize(tally, performance.now() - start))
    const code = interrupt.exitCode
    if (code !== undefined) console.info('The same command goes on from here.')
    else if (tally.found === 0) throw new CliError(`There is no picture in ${source.name}.`, EXIT.usage)
    return code ?? (tally.failed + tally.before.failed > 0 ? EXIT.someFailed : EXIT.ok)
  } finally {
    interrupt.release()
    lock.release()
  }
}

/** `40 pictures, 41 faces, 1 failed, 2.10 s; 12 done before, 1 of them failed` */
function summarize({ pictures, faces, failed, before }: Tally, milliseconds: number): string {
  const now = describeTotals({ done: pictures - failed, faces, failed }, milliseconds)
  if (before.pictures === 0) return now
  return `${now}; ${before.pictures} done before${before.failed > 0 ? `, ${before.failed} of them failed` : ''}`
}
