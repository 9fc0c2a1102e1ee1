import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Path below `results/`. */
export function resultPath(file: string): string {
  return fileURLToPath(new URL(`../results/${file}`, import.meta.url))
}

export function saveResult(name: string, result: unknown): void {
  writeFileSync(resultPath(`${name}.json`), `${JSON.stringify(result, rounded, 1)}\n`)
}

/** What was saved last; undefined when nothing was. */
export function readResult<T>(name: string): T | undefined {
  try {
    return JSON.parse(readFileSync(resultPath(`${name}.json`), 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Microseconds are enough of milliseconds. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value
}

export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows
  const rule = head!.map((_, i) => (i === 0 ? '---' : '---:'))
  return [head!, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
