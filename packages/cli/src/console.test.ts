import { afterEach, expect, it, vi } from 'vitest'
import { createConsole } from './console.ts'

afterEach(() => vi.restoreAllMocks())

function everythingSaid(options: Parameters<typeof createConsole>[0]): string[] {
  const lines: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text))
    return true
  })
  const stdout = vi.spyOn(process.stdout, 'write')
  const console = createConsole(options)
  for (const kind of ['info', 'warn', 'detail', 'error'] as const) console[kind](kind)
  expect(stdout).not.toHaveBeenCalled()
  return lines
}

it.each([
  [{}, ['info\n', 'Warning: warn\n', 'Error: error\n']],
  [{ verbose: true }, ['info\n', 'Warning: warn\n', 'detail\n', 'Error: error\n']],
  [{ quiet: true, verbose: true }, ['Error: error\n']],
])('under %j it says %j, on stderr', (options, lines) => {
  expect(everythingSaid(options)).toEqual(lines)
})

it('keeps from the terminal what a name of a file might tell it', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  createConsole().error('\x1b]0;title\x07a\nb\x9b2J.jpg is damaged.')
  expect(write).toHaveBeenCalledWith('Error: \ufffd]0;title\ufffda\ufffdb\ufffd2J.jpg is damaged.\n')
})

it('shows no bar where there is no terminal', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const progress = await createConsole().progress(3, 'pictures')
  progress.update(1, 'a')
  progress.stop()
  expect(write).not.toHaveBeenCalled()
})

it('a bar gives the terminal back when the process ends under it', async () => {
  const { isTTY } = process.stderr
  const lines: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  process.stderr.isTTY = true
  const others = process.listeners('exit')
  try {
    const progress = await createConsole().progress(3, 'pictures')
    progress.update(1, 'a')
    expect(lines).toContain('\x1b[?7l')
    expect(lines).not.toContain('\x1b[?7h')
    for (const listener of process.listeners('exit')) if (!others.includes(listener)) listener(130)
    expect(lines).toContain('\x1b[?7h')
    expect(process.listeners('exit')).toEqual(others)
  } finally {
    process.stderr.isTTY = isTTY
  }
})

it('a bar on a terminal is gone after work that fails', async () => {
  const { isTTY } = process.stderr
  const lines: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  process.stderr.isTTY = true
  try {
    const console = createConsole()
    const failing = console.withProgress(3, 'pictures', async (progress) => {
      progress.update(1, 'a')
      console.info('above the bar')
      throw new Error('no memory')
    })
    await expect(failing).rejects.toThrow('no memory')
    const shown = lines.length
    console.info('alone')
    expect(lines).toContain('\r\x1b[Kabove the bar\n')
    expect(lines.slice(shown)).toEqual(['alone\n'])
  } finally {
    process.stderr.isTTY = isTTY
  }
})
