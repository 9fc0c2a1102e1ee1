import type { Command } from 'commander'
import { collect, folderPath } from '../parse-options.ts'

/** Where models come from and where they are kept. */
export interface SourceFlags {
  readonly from?: readonly string[]
  readonly cache?: string
}

export function addSourceOptions(command: Command): Command {
  return command
    .option(
      '--from <dir>',
      'folder with published model files, in place of TDFA_MODEL_SOURCES; may be given again',
      collect,
    )
    .option(
      '--cache <dir>',
      "folder of the model store (default: the platform's cache folder, or TDFA_CACHE_DIR)",
      folderPath,
    )
}
