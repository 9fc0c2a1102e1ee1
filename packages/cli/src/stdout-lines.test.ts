import { afterEach, expect, it, vi } from 'vitest'
import { StdoutLines } from './stdout-lines.ts'

const before = vi.fn()
const brokenPipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
afterEach(() => {
  process.stdout.off('error', before)
  vi.restoreAllMocks()
  before.mockClear()
})

it('drops the rest when the reader leaves, and goes on, where there is more to make', async () => {
  process.stdout.on('error', before)
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(false)
  const lines = new StdoutLines(true)
  const written = lines.write('a')
  process.stdout.emit('error', brokenPipe)
  await written
  await lines.write('b')
  expect(write.mock.calls).toEqual([['a\n']])
  expect(before).not.toHaveBeenCalled()
  process.stdout.emit('error', new Error('disk full'))
  expect(before).toHaveBeenCalledTimes(1)
  lines.release()
  lines.release()
  process.stdout.emit('error', brokenPipe)
  expect(before).toHaveBeenCalledTimes(2)
})

it('leaves it to the command where lines are all that is made', async () => {
  process.stdout.on('error', before)
  const lines = new StdoutLines(false)
  process.stdout.emit('error', brokenPipe)
  expect(before).toHaveBeenCalledTimes(1)
  lines.release()
  process.stdout.emit('error', brokenPipe)
  expect(before).toHaveBeenCalledTimes(2)
})
