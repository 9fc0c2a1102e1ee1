import { afterEach, expect, it, vi } from 'vitest'
import { Interrupt } from './interrupt.ts'

const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as () => never)
afterEach(() => void exit.mockClear())

it.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s lets work come to an end, and is told by the exit code %d', (signal, code) => {
  const before = process.listeners(signal)
  const stop = vi.fn()
  const interrupt = new Interrupt(stop)
  process.emit(signal)
  expect(stop).toHaveBeenCalledTimes(1)
  expect(interrupt.exitCode).toBe(code)
  expect(exit).not.toHaveBeenCalled()
  process.emit(signal)
  expect(stop).toHaveBeenCalledTimes(1)
  // A terminal that closes may say so twice.
  expect(exit.mock.calls).toEqual(signal === 'SIGHUP' ? [] : [[code]])
  interrupt.release()
  expect(process.listeners(signal)).toEqual(before)
})
