import { existsSync, mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Outcome, outcomeOf, start } from '../command.ts'
import { obama, type Studio } from './studio.ts'

/** Ctrl-C, once and twice. */
export function testInterrupts(studio: Studio): void {
  describe('Ctrl-C', () => {
    const long = () =>
      existsSync(studio.at('long.mp4')) || studio.ffmpeg('-stream_loop', '60', '-i', obama, '-c', 'copy', 'long.mp4')

    /** Interrupts the run after the track's 20th frame, `times` times. */
    async function interrupted(name: string, count: number): Promise<Outcome> {
      long()
      mkdirSync(studio.at(name))
      const args = ['video', 'long.mp4', '--json', '-', '--out', `${name}/a.mp4`, '--glb', `${name}/a.glb`]
      const child = start(args, { env: studio.env, cwd: studio.folder })
      let heard = ''
      const onData = (chunk: Buffer): void => {
        heard += chunk
        if (!heard.includes('"frame":20,')) return
        child.stdout.off('data', onData)
        for (let i = 0; i < count; i++) setTimeout(() => child.kill('SIGINT'), 30 * i)
      }
      child.stdout.on('data', onData)
      return outcomeOf(child)
    }

    it('finishes what was made', async () => {
      const { code, stdout, stderr } = await interrupted('stopped', 1)
      expect({ code }, stderr).toEqual({ code: 130 })
      expect(stderr).toMatch(/interrupted -> stopped\/a\.mp4/)
      expect(studio.filesIn('stopped')).toEqual(['a.glb', 'a.mp4'])
      const frames = stdout.trim().split('\n').length - 1
      expect(frames).toBeGreaterThan(20)
      expect(frames).toBeLessThan(1000)
      expect(studio.times('stopped/a.mp4')).toHaveLength(frames)
      const [picture, sound] = studio.streams(studio.at('stopped/a.mp4'))
      expect(Math.abs(Number(picture!['duration']) - Number(sound!['duration']))).toBeLessThan(0.1)
    })

    it('twice gives it up and leaves nothing', async () => {
      expect(await interrupted('dropped', 2)).toMatchObject({ code: 130 })
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(studio.filesIn('dropped')).toEqual([])
    })
  })
}
