import type { Progress } from '../engine/types.ts'
import { element } from './elements.ts'
import { sumUp } from './progress.ts'

const status = element('status')
const alert = element('alert')
const bar = element<HTMLProgressElement>('progress')
const amount = element('amount')

/** What goes on, in one sentence. */
export function say(text: string): void {
  // Screen readers read out what is written, be it the same again.
  if (status.textContent !== text) status.textContent = text
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
    const { text, size, share } = sumUp([...this.#parts.values()])
    bar.hidden = false
    amount.textContent = size
    // Without a value the bar only moves.
    if (share === undefined) bar.removeAttribute('value')
    else bar.value = share
    say(text)
  }

  end(): void {
    this.#isOver = true
    bar.hidden = true
    amount.textContent = ''
  }
}
