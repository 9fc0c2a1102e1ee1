import type { Progress } from '../engine/types.ts'
import { element } from './elements.ts'

const status = element('status')
const alert = element('alert')
const bar = element<HTMLProgressElement>('progress')

/** What goes on, in one sentence. */
export function say(text: string): void {
  status.textContent = text
}

/** What went wrong and what to do, in one sentence. It stays until the user chooses anything, whatever goes on meanwhile. */
export function complain(text: string): void {
  status.textContent = ''
  alert.textContent = text
  alert.hidden = false
}

// Before the choice's own listeners, which may complain at once.
for (const type of ['click', 'change', 'paste', 'drop'])
  document.addEventListener(
    type,
    ({ target }) => {
      const isChoice = type !== 'click' || (target instanceof Element && target.closest('button'))
      if (isChoice) alert.hidden = true
    },
    { capture: true },
  )

/** Follows several downloads as one bar. */
export class Loading {
  readonly #parts = new Map<string, Progress>()
  #isOver = false

  show(progress: Progress): void {
    // Progress crosses the worker's border on a way of its own and may come after the end.
    if (this.#isOver) return
    this.#parts.set(progress.what, progress)
    const parts = [...this.#parts.values()]
    const [loaded, total] = [sum(parts, 'loaded'), sum(parts, 'total')]
    bar.hidden = false
    bar.value = total > 0 ? loaded / total : 0
    const from = parts.every((part) => part.cached) ? 'from the cache' : 'from the network'
    say(`Loading models ${from}: ${megabytes(loaded)} of ${megabytes(total)} MB`)
  }

  end(): void {
    this.#isOver = true
    bar.hidden = true
  }
}

function sum(parts: readonly Progress[], key: 'loaded' | 'total'): number {
  return parts.reduce((total, part) => total + part[key], 0)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
