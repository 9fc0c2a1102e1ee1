import type { Console } from '../console.ts'

/** How far a batch is. */
export interface State {
  /** Pictures that were done before this run. */
  readonly before: number
  /** Pictures that this run has done. */
  readonly done: number
  /** All of them; undefined while that is not known. */
  readonly total: number | undefined
  /** Since this run's first picture was begun. */
  readonly seconds: number
}

/** Milliseconds between lines where there is no bar. */
const LINE_EVERY = 10_000
/** Milliseconds between two drawings of the bar. */
const DRAW_EVERY = 100

/** A bar on a terminal once the total is known; a line now and then elsewhere. */
export class BatchProgress {
  readonly #console: Console
  readonly #before: number
  readonly #start = performance.now()
  readonly #timer: NodeJS.Timeout
  #bar: Awaited<ReturnType<Console['progress']>> | undefined
  #done = 0
  #total: number | undefined
  #drawn = 0

  constructor(console: Console, before: number) {
    this.#console = console
    this.#before = before
    this.#timer = setInterval(() => this.#print(), LINE_EVERY).unref()
  }

  async setTotal(total: number): Promise<void> {
    this.#total = total
    if (process.stderr.isTTY) this.#bar = await this.#console.progress(total, 'pictures')
  }

  /** One more picture is done. */
  add(): void {
    this.#done++
    const now = performance.now()
    if (!this.#bar || now - this.#drawn < DRAW_EVERY) return
    this.#drawn = now
    this.#bar.update(this.#before + this.#done, describePace(this.#state()))
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#bar?.stop()
    this.#bar = undefined
  }

  #state(): State {
    const seconds = (performance.now() - this.#start) / 1000
    return { before: this.#before, done: this.#done, total: this.#total, seconds }
  }

  #print(): void {
    if (!this.#bar) this.#console.info(describeState(this.#state()))
  }
}

/** `1200 of 5000 pictures, 85.1 a second, 44 s left` */
export function describeState(state: State): string {
  const of = state.total === undefined ? '' : ` of ${state.total}`
  const pace = describePace(state)
  return `${state.before + state.done}${of} pictures${pace && `, ${pace}`}`
}

/** `85.1 a second, 44 s left`; empty before the first picture is done. */
export function describePace({ before, done, total, seconds }: State): string {
  if (done === 0 || seconds <= 0) return ''
  const rate = done / seconds
  const pace = `${rate.toFixed(1)} a second`
  return total === undefined ? pace : `${pace}, ${describeDuration(Math.max(0, total - before - done) / rate)} left`
}

/** `44 s`, `3 min 41 s`, `2 h 5 min`. */
export function describeDuration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
