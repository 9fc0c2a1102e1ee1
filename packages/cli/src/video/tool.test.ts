import { describe, expect, it } from 'vitest'
import { reason } from './probe.ts'
import { ffmpegNote, hasFfmpeg } from './testing.ts'
import { startTool } from './tool.ts'

describe.skipIf(!hasFfmpeg || process.platform === 'win32')(`a tool that a signal ends${ffmpegNote}`, () => {
  it.each([
    ['names the signal', 'SIGKILL', 'ffmpeg was ended by SIGKILL'],
    ['says so of one that it takes itself', 'SIGTERM', 'ffmpeg was ended by a signal'],
  ] as const)('%s', async (_, signal, sentence) => {
    const tool = startEndless()
    await started(tool)
    process.kill(tool.child.pid!, signal)
    expect(await tool.ended).not.toBe(0)
    expect(reason(tool.complaints())).toBe(sentence)
  })

  it('has nothing to say where the signal was ours', async () => {
    const tool = startEndless()
    tool.child.kill('SIGKILL')
    expect(await tool.ended).toBeNull()
    expect(tool.complaints()).toEqual([])
  })

  const startEndless = () => {
    const args = [
      '-nostdin',
      '-loglevel',
      'error',
      '-re',
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=64x36',
      '-f',
      'rawvideo',
      '-',
    ]
    return startTool('ffmpeg', args, ['ignore', 'pipe', 'pipe'])
  }
  /** From its first frame on it takes signals. */
  const started = ({ child }: ReturnType<typeof startTool>) =>
    new Promise((resolve) => child.stdout!.on('data', resolve))
})
