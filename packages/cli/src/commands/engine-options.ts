import type { Command } from 'commander'
import { type AlignFlags, addOptionsOfAlign } from './align-command.ts'
import { addSourceOptions, type SourceFlags } from './source-options.ts'

const OF_ALIGN = [
  'backend',
  'detector',
  'detectSize',
  'anyRoll',
  'model',
  'runtime',
  'threads',
  'maxPixels',
  'topology',
] as const

/** Options that mean what they mean for `align`, of commands that look at single pictures. */
export type PictureEngineFlags = Pick<AlignFlags, (typeof OF_ALIGN)[number] | keyof SourceFlags | 'quiet' | 'verbose'>

export function addPictureEngineOptions(command: Command): Command {
  addOptionsOfAlign(command, OF_ALIGN)
  return addSourceOptions(command)
    .option('-q, --quiet', 'print errors only')
    .option('-v, --verbose', 'print which backend runs')
}
