import { execFileSync, spawnSync } from 'node:child_process'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import type { TrackHeader, TrackLine } from '../src/video/track-lines.ts'
import { type Outcome, outcomeOf, run, start } from './command.ts'
import { sandbox } from './sandbox.ts'

const obama = shared('videos/obama.mp4')!
const couple = shared('videos/headpose-female-and-male.mp4')!
const tools = ['ffmpeg', 'ffprobe'].every((tool) => spawnSync(tool, ['-version']).status === 0)
const here = obama && couple && shared('standin') && shared('upstream')
const skipped = tools ? (here ? '' : ' (skipped: ../shared is not here)') : ' (skipped: ffmpeg is not installed)'

describe.skipIf(skipped !== '')(`3ddfa video${skipped}`, () => {
  const { folder, env } = sandbox()
  const at = (...names: string[]) => join(folder, ...names)
  const video = (...args: string[]) => run(['video', ...args], { env, cwd: folder })
  const ffmpeg = (...args: string[]) =>
    execFileSync('ffmpeg', ['-loglevel', 'error', '-nostdin', '-y', ...args], { cwd: folder })

  beforeAll(async () => {
    expect(await run(['models', 'pull', '--offline'], { env })).toMatchObject({ code: 0 })
  })

  /** What ffprobe says of a file's streams. */
  function streams(path: string): Record<string, string | number>[] {
    const args = ['-loglevel', 'error', '-of', 'json', '-count_packets', '-show_streams', `file:${path}`]
    return JSON.parse(execFileSync('ffprobe', args, { cwd: folder, encoding: 'utf8' })).streams
  }

  /** Presentation times of a file's pictures, seconds. */
  function times(path: string): number[] {
    const args = ['-loglevel', 'error', '-select_streams', 'V:0', '-of', 'csv=p=0', '-show_entries', 'packet=pts_time']
    const text = execFileSync('ffprobe', [...args, `file:${path}`], { cwd: folder, encoding: 'utf8' })
    return text
      .trim()
      .split(/,?\n/)
      .map(Number)
      .sort((a, b) => a - b)
  }

  function track(path: string): { header: TrackHeader; lines: TrackLine[] } {
    const [header, ...lines] = readFileSync(at(path), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    return { header, lines }
  }

  const ids = (lines: readonly TrackLine[]) => [...new Set(lines.map(({ faces }) => faces.map(({ id }) => id).join()))]

  /** Neither half a file nor a temporary one, nor one that was not asked for. */
  const filesIn = (name: string) => readdirSync(at(name)).sort()

  it('keeps rate, size, times, colours and sound of obama.mp4, and draws one face into every frame', async () => {
    mkdirSync(at('obama'))
    const made = ['--out', 'obama/mesh.mp4', '--json', 'obama/track.jsonl', '--glb', 'obama/head.glb']
    const { code, stdout, stderr } = await video(obama, '-o', 'mesh', ...made)
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(
      /55 frames, 1 face, [\d.]+ s \([\d.]+ fps\) -> obama\/mesh\.mp4, obama\/track\.jsonl, obama\/head\.glb/,
    )
    expect(filesIn('obama')).toEqual(['head.glb', 'mesh.mp4', 'track.jsonl'])
    const [picture, sound] = streams(at('obama/mesh.mp4'))
    expect(picture).toMatchObject({ codec_name: 'h264', width: 1280, height: 720, avg_frame_rate: '25/1' })
    expect(picture).toMatchObject({ nb_read_packets: '55', color_space: 'bt709', pix_fmt: 'yuv420p' })
    expect(sound).toMatchObject({ codec_name: 'aac', sample_rate: '44100' })
    expect(Number(sound!['duration'])).toBeCloseTo(2.186, 1)
    const { header, lines } = track('obama/track.jsonl')
    expect(header).toMatchObject({
      schema: '3ddfa.track',
      version: 1,
      file: obama,
      width: 1280,
      height: 720,
      frameRate: 25,
    })
    expect(lines.map(({ frame }) => frame)).toEqual(Array.from({ length: 55 }, (_, i) => i))
    expect(lines[54]!.time).toBeCloseTo(2.16, 6)
    expect(ids(lines)).toEqual(['1'])
    expect(lines[0]!.faces[0]!.landmarks).toHaveLength(68)
  })

  it('changes pixels on the face and leaves the rest as it was', async () => {
    const { lines } = track('obama/track.jsonl')
    const [before, after] = await Promise.all(
      [obama, 'obama/mesh.mp4'].map(async (file, i) => {
        ffmpeg('-ss', '1', '-i', file, '-frames:v', '1', `frame${i}.png`)
        return sharp(at(`frame${i}.png`))
          .raw()
          .toBuffer()
      }),
    )
    const change = (x: number, y: number) =>
      [0, 1, 2].reduce(
        (sum, c) => sum + Math.abs(before![(y * 1280 + x) * 3 + c]! - after![(y * 1280 + x) * 3 + c]!),
        0,
      )
    const marks = lines[25]!.faces[0]!.landmarks.slice(29, 48)
    const onFace = marks.map(([x, y]) => change(Math.round(x!), Math.round(y!)))
    expect(onFace.reduce((a, b) => a + b) / onFace.length).toBeGreaterThan(60)
    let elsewhere = 0
    for (let y = 0; y < 720; y += 8) for (let x = 880; x < 1280; x += 8) elsewhere += change(x, y)
    expect(elsewhere / (90 * 50)).toBeLessThan(8)
  })

  it('writes heads that move as the track says', () => {
    const { json, floats } = parseGlb(readFileSync(at('obama/head.glb')))
    expect(json.meshes).toHaveLength(1)
    const { channels, samplers } = json.animations[0]!
    expect(channels.map(({ target }) => target.path).sort()).toEqual(['rotation', 'scale', 'translation', 'weights'])
    const { input, output } = samplers[channels.find(({ target }) => target.path === 'rotation')!.sampler]!
    const [keys, values] = [floats(input), floats(output)]
    track('obama/track.jsonl').lines.forEach(({ time, faces }, i) => {
      expect(keys[i]).toBeCloseTo(time, 5)
      const dot = faces[0]!.pose.quaternion.reduce((sum, v, k) => sum + v * values[4 * i + k]!, 0)
      expect(Math.abs(dot)).toBeGreaterThan(0.99999)
    })
  })

  it('follows two faces by the same ids; makes no video when only the track is asked for', async () => {
    mkdirSync(at('couple'))
    const { code, stderr } = await video(couple, '--json', 'couple/track.jsonl', '--smooth', 'look-ahead')
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(filesIn('couple')).toEqual(['track.jsonl'])
    const { header, lines } = track('couple/track.jsonl')
    expect(header.smoothing).toBe('look-ahead')
    expect(lines).toHaveLength(56)
    expect(ids(lines)).toEqual(['1,2'])
    expect(lines.some(({ lost }) => lost)).toBe(false)
  })

  it.each(['sparse', 'dense', 'pose', 'depth', 'pncc', 'mesh,pose'])('draws %s', async (drawing) => {
    const out = `drawn_${drawing.replace(',', '_')}.mkv`
    expect(await video(couple, '-o', drawing, '--out', out, '--end', '0.25')).toMatchObject({ code: 0 })
    expect(streams(at(out))[0]).toMatchObject({ nb_read_packets: '3', width: 480, height: 270 })
  })

  it('stands a turned video upright', async () => {
    ffmpeg('-i', couple, '-vf', 'transpose=1', '-t', '1', '-an', 'lying.mp4')
    ffmpeg('-i', 'lying.mp4', '-c', 'copy', '-metadata:s:v:0', 'rotate=90', 'turned.mp4')
    expect(streams(at('turned.mp4'))[0]).toMatchObject({ width: 270, height: 480 })
    const { code } = await video('turned.mp4', '--out', 'upright.mp4', '--json', 'upright.jsonl')
    expect(code).toBe(0)
    const [picture] = streams(at('upright.mp4'))
    expect(picture).toMatchObject({ width: 480, height: 270 })
    expect(picture).not.toHaveProperty('side_data_list')
    const { header, lines } = track('upright.jsonl')
    expect(header).toMatchObject({ width: 480, height: 270 })
    expect(ids(lines)).toEqual(['1,2'])
  })

  it('keeps the times of a video whose rate varies', async () => {
    const pick = "select='lt(n,10)+not(mod(n,3))'"
    ffmpeg('-i', couple, '-vf', pick, '-fps_mode', 'vfr', '-video_track_timescale', '12288', 'vfr.mp4')
    expect(await video('vfr.mp4', '--out', 'vfr_out.mp4', '--json', 'vfr.jsonl')).toMatchObject({ code: 0 })
    const source = times('vfr.mp4')
    expect(new Set(source.slice(1).map((t, i) => Math.round(1000 * (t - source[i]!)))).size).toBeGreaterThan(1)
    expect(times('vfr_out.mp4')).toEqual(source)
    track('vfr.jsonl').lines.forEach(({ time }, i) => {
      expect(time).toBeCloseTo(source[i]!, 5)
    })
  })

  it('cuts pictures and sound at the same times, and says where in the source frames lie', async () => {
    const beep = "aevalsrc='if(gte(t,1),sin(2*PI*440*t),0)':d=3"
    ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=320x240:r=25:d=3', '-f', 'lavfi', '-i', beep, '-c:a', 'aac', 'beep.mp4')
    const args = ['--start', '0.6', '--end', '0:02', '--out', 'part.mp4', '--json', 'part.jsonl']
    const { code, stderr } = await video('beep.mp4', ...args)
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(stderr).toContain('35 frames, no face')
    const { lines } = track('part.jsonl')
    expect([lines[0]!.time, lines.at(-1)!.time]).toEqual([0.6, 1.96])
    const { stderr: heard } = spawnSync(
      'ffmpeg',
      ['-hide_banner', '-i', 'part.mp4', '-af', 'silencedetect=n=-30dB:d=0.1', '-f', 'null', '-'],
      { cwd: folder, encoding: 'utf8' },
    )
    expect(Number(/silence_end: ([\d.]+)/.exec(heard)![1])).toBeCloseTo(0.4, 1)
    for (const stream of streams(at('part.mp4'))) expect(Number(stream['duration'])).toBeCloseTo(1.4, 1)
  })

  it('turns sound into what the container takes', async () => {
    const { code, stderr } = await video(obama, '--end', '0.4', '--out', 'small.webm')
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(streams(at('small.webm')).map((stream) => stream['codec_name'])).toEqual(['vp9', 'opus'])
  })

  it('pads an odd size, and takes square pixels', async () => {
    ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=161x121:r=30000/1001:d=0.3,setsar=2', '-c:v', 'png', 'odd.mov')
    expect(await video('odd.mov', '--out', 'odd.mp4', '--json', 'odd.jsonl')).toMatchObject({ code: 0 })
    expect(streams(at('odd.mp4'))[0]).toMatchObject({ width: 322, height: 122, avg_frame_rate: '30000/1001' })
    expect(track('odd.jsonl').header).toMatchObject({ width: 322, height: 121, frameRate: 29.97003 })
  })

  describe('a file that breaks off', () => {
    it('gives what can be read, and says how much that is', async () => {
      ffmpeg('-i', couple, '-c', 'copy', '-movflags', '+faststart', 'cut.mp4')
      truncateSync(at('cut.mp4'), 120_000)
      const { code, stderr } = await video('cut.mp4', '--out', 'cut_out.mp4', '--json', 'cut.jsonl')
      expect(code).toBe(0)
      const [, frames] = /^Warning: cut\.mp4 ends early \(.+\): (\d+) frames could be read, [\d.]+ of 4\.67 s\.$/m.exec(
        stderr,
      )!
      expect(Number(frames)).toBeGreaterThan(10)
      expect(times('cut_out.mp4')).toHaveLength(Number(frames))
      expect(track('cut.jsonl').lines).toHaveLength(Number(frames))
    })

    it('loses no pictures to sound that is missing', async () => {
      ffmpeg('-i', obama, '-c', 'copy', 'cut.ts')
      truncateSync(at('cut.ts'), 300_000)
      const { code, stderr } = await video('cut.ts', '--out', 'cut_ts.mp4')
      expect(code).toBe(0)
      expect(stderr).toMatch(/^Warning: cut_ts\.mp4 has no sound: .+\.$/m)
      expect(times('cut_ts.mp4').length).toBeGreaterThan(20)
    })
  })

  it.each(['-dash.mp4', 'http:x.mp4', 'concat:a|b.mp4', 'a $(touch owned) %d.mp4'])(
    'takes the name %s for a name',
    async (name) => {
      writeFileSync(at(name), readFileSync(couple))
      const out = `out of ${name}`
      const { code, stderr } = await video('--out', out, '--end', '0.2', '--', name)
      expect({ code }, stderr).toEqual({ code: 0 })
      expect(times(out)).toHaveLength(3)
      expect(existsSync(at('owned'))).toBe(false)
    },
  )

  it('opens no file that a playlist names', async () => {
    ffmpeg('-i', obama, '-c', 'copy', 'segment.ts')
    writeFileSync(at('list.m3u8'), '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsegment.ts\n#EXT-X-ENDLIST\n')
    writeFileSync(at('list.ffconcat'), "ffconcat version 1.0\nfile 'segment.ts'\n")
    for (const name of ['list.m3u8', 'list.ffconcat'])
      expect(await video(name, '--json', 'list.jsonl')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${name} is not a readable video`),
      })
    expect(existsSync(at('list.jsonl'))).toBe(false)
  })

  it('reads stdin, and prints the track on stdout', async () => {
    ffmpeg('-i', couple, '-c', 'copy', '-f', 'matroska', 'pipe.mkv')
    const child = start(['video', '-', '--json', '-', '--start', '0.5', '--end', '1'], { env, cwd: folder })
    createReadStream(at('pipe.mkv'))
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
    const { code, stderr } = await video(graph, '--input-format', 'lavfi', '--end', '1', '--json', 'device.jsonl')
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(ids(track('device.jsonl').lines)).toEqual(['1,2'])
  })

  it.skipIf(spawnSync('ffplay', ['-version']).status !== 0)('shows what it makes', async () => {
    const quiet = { SDL_VIDEODRIVER: 'dummy', SDL_AUDIODRIVER: 'dummy' }
    const { code, stderr } = await run(['video', couple, '--display', '--end', '0.5'], {
      env: { ...env, ...quiet },
      cwd: folder,
    })
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(stderr).toContain('6 frames, 2 faces')
  })

  describe('Ctrl-C', () => {
    const long = () => existsSync(at('long.mp4')) || ffmpeg('-stream_loop', '60', '-i', obama, '-c', 'copy', 'long.mp4')

    /** Interrupts the run after the track's 20th frame, `times` times. */
    async function interrupted(name: string, count: number): Promise<Outcome> {
      long()
      mkdirSync(at(name))
      const args = ['video', 'long.mp4', '--json', '-', '--out', `${name}/a.mp4`, '--glb', `${name}/a.glb`]
      const child = start(args, { env, cwd: folder })
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
      expect(filesIn('stopped')).toEqual(['a.glb', 'a.mp4'])
      const frames = stdout.trim().split('\n').length - 1
      expect(frames).toBeGreaterThan(20)
      expect(frames).toBeLessThan(1000)
      expect(times('stopped/a.mp4')).toHaveLength(frames)
      const [picture, sound] = streams(at('stopped/a.mp4'))
      expect(Math.abs(Number(picture!['duration']) - Number(sound!['duration']))).toBeLessThan(0.1)
    })

    it('twice gives it up and leaves nothing', async () => {
      expect(await interrupted('dropped', 2)).toMatchObject({ code: 130 })
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(filesIn('dropped')).toEqual([])
    })
  })

  describe('fails with one sentence', () => {
    beforeAll(() => {
      ffmpeg('-f', 'lavfi', '-i', 'sine=d=1', 'sound.mp4')
      writeFileSync(at('text.mp4'), 'no video at all\n')
      writeFileSync(at('empty.mkv'), '')
      writeFileSync(at('moov.mp4'), readFileSync(couple).subarray(0, 100_000))
      mkdirSync(at('never'))
    })

    it.each<[string, string[], number, RegExp]>([
      ['no video stream', ['sound.mp4'], 1, /^Error: sound\.mp4 has no video stream\.$/m],
      ['a text file', ['text.mp4'], 1, /^Error: text\.mp4 is not a readable video: .+\.$/m],
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
      const outcome = await video(...args, ...out)
      expect({ code: outcome.code, stdout: outcome.stdout }, outcome.stderr).toEqual({ code, stdout: '' })
      expect(outcome.stderr).toMatch(sentence)
      expect(outcome.stderr).not.toMatch(/^\s+at /m)
      expect(filesIn('never')).toEqual([])
    })

    it('without ffmpeg, and says where it is to be had', async () => {
      const { code, stderr } = await run(['video', couple, '--out', 'never/a.mp4'], {
        env: { ...env, PATH: folder },
        cwd: folder,
      })
      expect(code).toBe(2)
      expect(stderr).toMatch(/^Error: ffprobe is not on the PATH; .*apt install ffmpeg\)\.$/m)
    })

    it('does not replace a file unless told to', async () => {
      writeFileSync(at('precious.mp4'), 'precious')
      const first = await video(couple, '--end', '0.2', '--out', 'precious.mp4')
      expect(first).toMatchObject({ code: 2, stderr: expect.stringContaining('--overwrite') })
      expect(readFileSync(at('precious.mp4'), 'utf8')).toBe('precious')
      expect(await video(couple, '--end', '0.2', '--out', 'precious.mp4', '--overwrite')).toMatchObject({ code: 0 })
      expect(times('precious.mp4')).toHaveLength(3)
    })
  })
})

interface GlbJson {
  readonly meshes: readonly unknown[]
  readonly animations: readonly {
    readonly channels: readonly { readonly sampler: number; readonly target: { readonly path: string } }[]
    readonly samplers: readonly { readonly input: number; readonly output: number }[]
  }[]
  readonly accessors: readonly { readonly bufferView: number; readonly byteOffset?: number }[]
  readonly bufferViews: readonly { readonly byteOffset?: number; readonly byteStride?: number }[]
}

/** The JSON of a .glb, and the numbers of an accessor from its start to the file's end. */
function parseGlb(bytes: Buffer): { json: GlbJson; floats(accessor: number): Float32Array } {
  const length = bytes.readUInt32LE(12)
  const json: GlbJson = JSON.parse(bytes.toString('utf8', 20, 20 + length))
  const floats = (index: number): Float32Array => {
    const { bufferView, byteOffset = 0 } = json.accessors[index]!
    const start = 20 + length + 8 + (json.bufferViews[bufferView]!.byteOffset ?? 0) + byteOffset
    return new Float32Array(Uint8Array.from(bytes.subarray(start)).buffer)
  }
  return { json, floats }
}
