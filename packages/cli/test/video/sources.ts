import { spawnSync } from 'node:child_process'
import { createReadStream, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { outcomeOf, start } from '../command.ts'
import { couple, ids, obama, type Studio } from './studio.ts'

/** Videos of all kinds, whole and broken. */
export function testSources(studio: Studio): void {
  it('stands a turned video upright', async () => {
    studio.ffmpeg('-i', couple, '-vf', 'transpose=1', '-t', '1', '-an', 'lying.mp4')
    studio.ffmpeg('-i', 'lying.mp4', '-c', 'copy', '-metadata:s:v:0', 'rotate=90', 'turned.mp4')
    expect(studio.streams(studio.at('turned.mp4'))[0]).toMatchObject({ width: 270, height: 480 })
    const { code } = await studio.video('turned.mp4', '--out', 'upright.mp4', '--json', 'upright.jsonl')
    expect(code).toBe(0)
    const [picture] = studio.streams(studio.at('upright.mp4'))
    expect(picture).toMatchObject({ width: 480, height: 270 })
    expect(picture).not.toHaveProperty('side_data_list')
    const { header, lines } = studio.track('upright.jsonl')
    expect(header).toMatchObject({ width: 480, height: 270 })
    expect(ids(lines)).toEqual(['1,2'])
  })

  it('keeps the times of a video whose rate varies', async () => {
    const pick = "select='lt(n,10)+not(mod(n,3))'"
    studio.ffmpeg('-i', couple, '-vf', pick, '-fps_mode', 'vfr', '-video_track_timescale', '12288', 'vfr.mp4')
    expect(await studio.video('vfr.mp4', '--out', 'vfr_out.mp4', '--json', 'vfr.jsonl')).toMatchObject({ code: 0 })
    const source = studio.times('vfr.mp4')
    expect(new Set(source.slice(1).map((t, i) => Math.round(1000 * (t - source[i]!)))).size).toBeGreaterThan(1)
    expect(studio.times('vfr_out.mp4')).toEqual(source)
    studio.track('vfr.jsonl').lines.forEach(({ time }, i) => {
      expect(time).toBeCloseTo(source[i]!, 5)
    })
  })

  it('cuts pictures and sound at the same times, and says where in the source frames lie', async () => {
    const beep = "aevalsrc='if(gte(t,1),sin(2*PI*440*t),0)':d=3"
    studio.ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc=s=320x240:r=25:d=3',
      '-f',
      'lavfi',
      '-i',
      beep,
      '-c:a',
      'aac',
      'beep.mp4',
    )
    const args = ['--start', '0.6', '--end', '0:02', '--out', 'part.mp4', '--json', 'part.jsonl']
    const { code, stderr } = await studio.video('beep.mp4', ...args)
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(stderr).toContain('35 frames, no face')
    const { lines } = studio.track('part.jsonl')
    expect([lines[0]!.time, lines.at(-1)!.time]).toEqual([0.6, 1.96])
    const { stderr: heard } = spawnSync(
      'ffmpeg',
      ['-hide_banner', '-i', 'part.mp4', '-af', 'silencedetect=n=-30dB:d=0.1', '-f', 'null', '-'],
      { cwd: studio.folder, encoding: 'utf8' },
    )
    expect(Number(/silence_end: ([\d.]+)/.exec(heard)![1])).toBeCloseTo(0.4, 1)
    for (const stream of studio.streams(studio.at('part.mp4'))) expect(Number(stream['duration'])).toBeCloseTo(1.4, 1)
  })

  it('turns sound into what the container takes', async () => {
    const { code, stderr } = await studio.video(obama, '--end', '0.4', '--out', 'small.webm')
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(studio.streams(studio.at('small.webm')).map((stream) => stream['codec_name'])).toEqual(['vp9', 'opus'])
  })

  it('keeps sound that is longer than the pictures', async () => {
    const sources = ['-f', 'lavfi', '-i', 'testsrc=s=64x36:r=25:d=0.4', '-f', 'lavfi', '-i', 'sine=d=2']
    studio.ffmpeg(...sources, 'tail.mkv')
    studio.ffmpeg(...sources, '-c:v', 'flv', '-ar', '44100', 'tail.flv')
    for (const name of ['tail.mkv', 'tail.flv']) {
      const { code, stderr } = await studio.video(name, '--out', `${name}.mp4`)
      expect({ code }, stderr).toEqual({ code: 0 })
      expect(stderr).not.toContain('ends early')
      expect(Number(studio.streams(studio.at(`${name}.mp4`))[1]!['duration'])).toBeCloseTo(2, 0)
    }
  })

  it('pads an odd size, and takes square pixels', async () => {
    studio.ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=161x121:r=30000/1001:d=0.3,setsar=2', '-c:v', 'png', 'odd.mov')
    expect(await studio.video('odd.mov', '--out', 'odd.mp4', '--json', 'odd.jsonl')).toMatchObject({ code: 0 })
    expect(studio.streams(studio.at('odd.mp4'))[0]).toMatchObject({
      width: 322,
      height: 122,
      avg_frame_rate: '30000/1001',
    })
    expect(studio.track('odd.jsonl').header).toMatchObject({ width: 322, height: 121, frameRate: 29.97003 })
  })

  describe('a file that breaks off', () => {
    it('gives what can be read, and says how much that is', async () => {
      studio.ffmpeg('-i', couple, '-c', 'copy', '-movflags', '+faststart', 'cut.mp4')
      truncateSync(studio.at('cut.mp4'), 120_000)
      const { code, stderr } = await studio.video('cut.mp4', '--out', 'cut_out.mp4', '--json', 'cut.jsonl')
      expect(code).toBe(0)
      const [, frames] = /^Warning: cut\.mp4 ends early \(.+\): (\d+) frames could be read, [\d.]+ of 4\.67 s\.$/m.exec(
        stderr,
      )!
      expect(Number(frames)).toBeGreaterThan(10)
      expect(studio.times('cut_out.mp4')).toHaveLength(Number(frames))
      expect(studio.track('cut.jsonl').lines).toHaveLength(Number(frames))
    })

    it('loses no pictures to sound that is missing', async () => {
      studio.ffmpeg('-i', obama, '-c', 'copy', 'cut.ts')
      truncateSync(studio.at('cut.ts'), 300_000)
      const { code, stderr } = await studio.video('cut.ts', '--out', 'cut_ts.mp4')
      expect(code).toBe(0)
      expect(stderr).toMatch(/^Warning: cut_ts\.mp4 has no sound: .+\.$/m)
      expect(studio.times('cut_ts.mp4').length).toBeGreaterThan(20)
    })
  })

  it.each(['-dash.mp4', 'http:x.mp4', 'concat:a|b.mp4', 'a $(touch owned) %d.mp4'])(
    'takes the name %s for a name',
    async (name) => {
      writeFileSync(studio.at(name), readFileSync(couple))
      const out = `out of ${name}`
      const { code, stderr } = await studio.video('--out', out, '--end', '0.2', '--', name)
      expect({ code }, stderr).toEqual({ code: 0 })
      expect(studio.times(out)).toHaveLength(3)
      expect(existsSync(studio.at('owned'))).toBe(false)
    },
  )

  it('opens no file that a playlist names', async () => {
    studio.ffmpeg('-i', obama, '-c', 'copy', 'segment.ts')
    writeFileSync(studio.at('list.m3u8'), '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsegment.ts\n#EXT-X-ENDLIST\n')
    writeFileSync(studio.at('list.ffconcat'), "ffconcat version 1.0\nfile 'segment.ts'\n")
    for (const name of ['list.m3u8', 'list.ffconcat'])
      expect(await studio.video(name, '--json', 'list.jsonl')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${name} is not a readable video: it is of a kind that is not opened`),
      })
    expect(existsSync(studio.at('list.jsonl'))).toBe(false)
  })

  it('reads stdin, and prints the track on stdout', async () => {
    studio.ffmpeg('-i', couple, '-c', 'copy', '-f', 'matroska', 'pipe.mkv')
    const child = start(['video', '-', '--json', '-', '--start', '0.5', '--end', '1'], {
      env: studio.env,
      cwd: studio.folder,
    })
    createReadStream(studio.at('pipe.mkv'))
      .on('error', () => {})
      .pipe(child.stdin.on('error', () => {}))
    const { code, stdout, stderr } = await outcomeOf(child)
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(stdout.trim().split('\n')).toHaveLength(1 + 6)
    expect(
      ids(
        stdout
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => JSON.parse(line)),
      ),
    ).toEqual(['1,2'])
  })

  it('reads a device by the name of its format', async () => {
    const graph = `movie=${couple.replaceAll(':', '\\:')}`
    const { code, stderr } = await studio.video(
      graph,
      '--input-format',
      'lavfi',
      '--end',
      '1',
      '--json',
      'device.jsonl',
    )
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(ids(studio.track('device.jsonl').lines)).toEqual(['1,2'])
  })
}
