import type { Progress } from '../engine/types.ts'
import { element } from './elements.ts'

const status = element('status')
const alert = element('alert')
const bar = element<HTMLProgressElement>('progress')

/** What goes on, in one sentence. Clears what was wrong before. */
export function say(text: string): void {
  status.textContent = text
  alert.hidden = true
}

/** What went wrong and what to do, in one sentence. */
export function complain(text: string): void {
  status.textContent = ''
  alert.textContent = text
  alert.hidden = false
  bar.hidden = true
}

/** Follows several downloads as one bar. */
export class Loading {
  readonly #parts = new Map<string, Progress>()

  show(progress: Progress): void {
    this.#parts.set(progress.what, progress)
    const parts = [...this.#parts.values()]
    const [loaded, total] = [sum(parts, 'loaded'), sum(parts, 'total')]
    bar.hidden = false
    bar.value = total > 0 ? loaded / total : 0
    const from = parts.every((part) => part.cached) ? 'from the cache' : 'from the network'
    say(`Loading models ${from}: ${megabytes(loaded)} of ${megabytes(total)} MB`)
  }

  end(): void {
    bar.hidden = true
  }
}

function sum(parts: readonly Progress[], key: 'loaded' | 'total'): number {
  return parts.reduce((total, part) => total + part[key], 0)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
