import { Command } from 'commander'
import { addSourceOptions, type SourceFlags } from './source-options.ts'

export interface DoctorFlags extends SourceFlags {
  readonly json?: boolean
}

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('Try what `align` needs, and tell what works here and why the rest does not.')
    .option('--json', 'print a JSON document')
  return addSourceOptions(command)
    .addHelpText(
      'after',
      `
Every line was tried, not guessed: networks run, backends draw a triangle, codecs write and read a picture, encoders of
ffmpeg encode one.

Examples:
  $ 3ddfa doctor
  $ 3ddfa doctor --json | jq '.checks[] | select(.ok | not)'

Exit codes: 0 \`3ddfa align\` can run, 1 it cannot.`,
    )
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('./doctor.ts')
      process.exitCode = await doctor(flags)
    })
}
