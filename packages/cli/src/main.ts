#!/usr/bin/env node
import { CommanderError } from 'commander'
import { createConsole } from './console.ts'
import { CliError, EXIT, messageOf, systemReason } from './errors.ts'
import { createProgram } from './program.ts'

// Files are written synchronously, so between two of them nothing half done lies on the disk.
process.on('SIGHUP', () => process.exit(129))
process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))
// A reader that has seen enough (`| head`) closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  process.stderr.write(`Error: The standard output cannot be written: ${systemReason(error)}.\n`)
  process.exit(EXIT.someFailed)
})
// Of a terminal that is closed: nobody is left to tell, and what is being made can still be finished.
process.stderr.on('error', () => {})

function exitOnCommanderError(program: ReturnType<typeof createProgram>): void {
  const commands = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)]
  for (const command of commands) command.exitOverride()
}

try {
  const program = createProgram()
  exitOnCommanderError(program)
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  else {
    createConsole().error(messageOf(error))
    if (process.env['TDFA_DEBUG']) console.error(error)
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT.someFailed
  }
}
