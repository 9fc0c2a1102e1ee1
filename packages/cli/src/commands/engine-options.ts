import type { Command } from 'commander'
import { type AlignFlags, alignCommand } from './align-command.ts'
import { addSourceOptions } from './source-options.ts'

/** Options that mean what they mean for `align`, of commands that look at single pictures. */
export type PictureEngineFlags = Pick<
  AlignFlags,
  | 'backend'
  | 'detector'
  | 'detectSize'
  | 'model'
  | 'threads'
  | 'maxPixels'
  | 'topology'
  | 'from'
  | 'cache'
  | 'quiet'
  | 'verbose'
>

const OF_ALIGN: readonly string[] = [
  'backend',
  'detector',
  'detectSize',
  'model',
  'threads',
  'maxPixels',
  'topology',
] satisfies (keyof AlignFlags)[]

export function addPictureEngineOptions(command: Command): Command {
  for (const option of alignCommand().options) if (OF_ALIGN.includes(option.attributeName())) command.addOption(option)
  return addSourceOptions(command)
    .option('-q, --quiet', 'print errors only')
    .option('-v, --verbose', 'print which backend runs')
}
