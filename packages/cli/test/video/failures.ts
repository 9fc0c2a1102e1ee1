import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { run } from '../command.ts'
import { couple, type Studio } from './studio.ts'

/** What cannot be done is said in one sentence, and leaves nothing. */
export function testFailures(studio: Studio): void {
  describe('fails with one sentence', () => {
    beforeAll(() => {
      studio.ffmpeg('-f', 'lavfi', '-i', 'sine=d=1', 'sound.mp4')
      studio.ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=64x36', '-frames:v', '1', 'picture.jpg')
      writeFileSync(studio.at('text.mp4'), 'no video at all\n')
      writeFileSync(studio.at('empty.mkv'), '')
      writeFileSync(studio.at('moov.mp4'), readFileSync(couple).subarray(0, 100_000))
      mkdirSync(studio.at('never'))
    })

    it.each<[string, string[], number, RegExp]>([
      ['no video stream', ['sound.mp4'], 1, /^Error: sound\.mp4 has no video stream\.$/m],
      ['a text file', ['text.mp4'], 1, /^Error: text\.mp4 is not a readable video: .+\.$/m],
      [
        'a picture',
        ['picture.jpg'],
        1,
        /^Error: picture\.jpg is a picture, not a video; `3ddfa align` takes pictures\.$/m,
      ],
      ['an empty file', ['empty.mkv'], 1, /^Error: empty\.mkv is not a readable video: .+\.$/m],
      [
        'a file without its index',
        ['moov.mp4'],
        1,
        /^Error: moov\.mp4 is not a readable video: moov atom not found\.$/m,
      ],
      ['a start after the end', [couple, '--start', '1:00'], 1, /has no frame from 60 s on; it lasts 4\.67 s\./],
      ['no such file', ['gone.mp4'], 2, /^Error: There is no file gone\.mp4;/m],
      [
        'a camera that is not there',
        ['/dev/video99', '--input-format', 'v4l2'],
        1,
        /^Error: \/dev\/video99 is not a readable video: .+/m,
      ],
      ['a format that is none', [couple, '--input-format', 'nope'], 1, /Unknown input format/],
      [
        'an output that cannot be',
        [couple, '--end', '0.2', '--out', `never/${'x'.repeat(300)}.mp4`],
        1,
        /cannot be written: the name is too long\./,
      ],
      ['a drawing that is none', [couple, '-o', '4d'], 2, /There is no drawing "4d"/],
    ])('%s', async (_, args, code, sentence) => {
      const out = args.includes('--out') ? [] : ['--out', 'never/a.mp4']
      const outcome = await studio.video(...args, ...out)
      expect({ code: outcome.code, stdout: outcome.stdout }, outcome.stderr).toEqual({ code, stdout: '' })
      expect(outcome.stderr).toMatch(sentence)
      expect(outcome.stderr).not.toMatch(/^\s+at /m)
      expect(studio.filesIn('never')).toEqual([])
    })

    it('without ffmpeg, and says where it is to be had', async () => {
      const { code, stderr } = await run(['video', couple, '--out', 'never/a.mp4'], {
        env: { ...studio.env, PATH: studio.folder },
        cwd: studio.folder,
      })
      expect(code).toBe(2)
      expect(stderr).toMatch(/^Error: ffprobe is not on the PATH; .*apt install ffmpeg\)\.$/m)
    })

    it('does not replace a file unless told to', async () => {
      writeFileSync(studio.at('precious.mp4'), 'precious')
      const first = await studio.video(couple, '--end', '0.2', '--out', 'precious.mp4')
      expect(first).toMatchObject({ code: 2, stderr: expect.stringContaining('--overwrite') })
      expect(readFileSync(studio.at('precious.mp4'), 'utf8')).toBe('precious')
      expect(await studio.video(couple, '--end', '0.2', '--out', 'precious.mp4', '--overwrite')).toMatchObject({
        code: 0,
      })
      expect(studio.times('precious.mp4')).toHaveLength(3)
    })
  })
}
