import { rmSync } from 'node:fs'

const paths = new Set<string>()

/**
 * Removes a file when the process ends before its work is done, as Ctrl-C ends most programs: by `process.exit`. One that is killed
 * leaves it.
 * @returns forgets the file.
 */
export function removeAtExit(path: string): () => void {
  if (paths.size === 0) process.on('exit', removeAll)
  paths.add(path)
  return () => {
    paths.delete(path)
    if (paths.size === 0) process.off('exit', removeAll)
  }
}

function removeAll(): void {
  for (const path of paths)
    try {
      rmSync(path, { force: true })
    } catch {
      // As if it had been killed.
    }
}
