import { execFileSync } from 'node:child_process'

/** Path of the first of these programs that is on this machine, or undefined. */
export function findProgram(...names) {
  for (const name of names) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    } catch {
      // The next name.
    }
  }
  return undefined
}
