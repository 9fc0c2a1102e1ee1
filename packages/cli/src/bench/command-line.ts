/** The command of these arguments as a POSIX shell takes it. */
export function commandLine(args: readonly string[]): string {
  return ['3ddfa', ...args.map(quoted)].join(' ')
}

function quoted(argument: string): string {
  return /^[\w%+,./:=@-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}
