/** Where and when something was measured. */
export interface Measured<T> {
  readonly date: string
  readonly machine: string
  /** Processes that wanted a core in the last minute, before and after. */
  readonly load: readonly [number, number]
  readonly result: T
}

export const number = (value: number): string => value.toFixed(value < 10 ? 2 : 1)

export function conditions({ machine, date, load }: Measured<unknown>): string {
  const busy = Math.max(...load) > 2.5 ? '; others were at work: trust ratios' : ''
  return `${machine}; ${date}; load ${load[0]} before, ${load[1]} after${busy}. One thread, medians in milliseconds.`
}
