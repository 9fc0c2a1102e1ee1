import { Command } from 'commander'
import { version } from '../package.json' with { type: 'json' }
import { alignCommand } from './commands/align-command.ts'
import { batchCommand } from './commands/batch-command.ts'
import { benchCommand } from './commands/bench-command.ts'
import { doctorCommand } from './commands/doctor-command.ts'
import { editCommand } from './commands/edit-command.ts'
import { evalCommand } from './commands/eval-command.ts'
import { frontalizeCommand } from './commands/frontalize-command.ts'
import { modelsCommand } from './commands/models-command.ts'
import { videoCommand } from './commands/video-command.ts'
import { EXIT } from './errors.ts'

/** The `3ddfa` command. Only the options live here; what a command does is loaded when it is called. */
export function createProgram(): Command {
  const program = new Command('3ddfa')
    .description('From photographs to face landmarks, meshes, depth, PNCC, UV textures and head pose.')
    .version(version)
    .showHelpAfterError('Run the command with --help to see what it takes.')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      `
Examples:
  $ 3ddfa models pull                          bring the models that \`align\` prefers
  $ 3ddfa align photo.jpg                      draw the 68 landmarks: out/photo_2d_sparse.png
  $ 3ddfa align photo.jpg -o all --out faces   write everything
  $ 3ddfa align photo.jpg --json               print boxes, pose, landmarks and parameters
  $ 3ddfa doctor                               tell what works on this machine

Exit codes: ${EXIT.ok} done, ${EXIT.someFailed} some files failed, ${EXIT.usage} wrong usage or something is missing, 130 interrupted.`,
    )
  const commands = [
    alignCommand,
    videoCommand,
    frontalizeCommand,
    editCommand,
    batchCommand,
    modelsCommand,
    doctorCommand,
    evalCommand,
    benchCommand,
  ]
  for (const command of commands) program.addCommand(command().copyInheritedSettings(program))
  return program
}
