import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import type { JsonFace } from '@3ddfa/core'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { run } from '../command.ts'
import { parseGlb } from './parse-glb.ts'
import { couple, ids, obama, type Studio } from './studio.ts'

/** What is made of a video. */
export function testResults(studio: Studio): void {
  it('keeps rate, size, times, colours and sound of obama.mp4, and draws one face into every frame', async () => {
    mkdirSync(studio.at('obama'))
    const made = ['--out', 'obama/mesh.mp4', '--json', 'obama/track.jsonl', '--glb', 'obama/head.glb']
    const { code, stdout, stderr } = await studio.video(obama, '-o', 'mesh', ...made)
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(
      /55 frames, 1 face, [\d.]+ s \([\d.]+ fps\) -> obama\/mesh\.mp4, obama\/track\.jsonl, obama\/head\.glb/,
    )
    expect(studio.filesIn('obama')).toEqual(['head.glb', 'mesh.mp4', 'track.jsonl'])
    const [picture, sound] = studio.streams(studio.at('obama/mesh.mp4'))
    expect(picture).toMatchObject({ codec_name: 'h264', width: 1280, height: 720, avg_frame_rate: '25/1' })
    expect(picture).toMatchObject({ nb_read_packets: '55', color_space: 'bt709', pix_fmt: 'yuv420p' })
    expect(sound).toMatchObject({ codec_name: 'aac', sample_rate: '44100' })
    expect(Number(sound!['duration'])).toBeCloseTo(2.186, 1)
    const { header, lines } = studio.track('obama/track.jsonl')
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

  it('tells the angles that 3DDFA_V2 prints where these are asked for, of the same rotation', async () => {
    const args = ['--json', 'v2.jsonl', '--end', '0.2', '--pose-convention', '3ddfa-v2', '-o', 'none']
    expect(await studio.video(obama, ...args)).toMatchObject({ code: 0 })
    const [ours, theirs] = ['obama/track.jsonl', 'v2.jsonl'].map(
      (name) => studio.track(name).lines[3]!.faces[0]!.pose,
    ) as [JsonFace['pose'], JsonFace['pose']]
    expect([ours.convention, theirs.convention]).toEqual(['aflw2000', '3ddfa-v2'])
    expect(theirs.rotation).toEqual(ours.rotation)
    expect(theirs.yaw).not.toBe(ours.yaw)
  })

  it('changes pixels on the face and leaves the rest as it was', async () => {
    const { lines } = studio.track('obama/track.jsonl')
    const [before, after] = await Promise.all(
      [obama, 'obama/mesh.mp4'].map(async (file, i) => {
        studio.ffmpeg('-ss', '1', '-i', file, '-frames:v', '1', `frame${i}.png`)
        return sharp(studio.at(`frame${i}.png`))
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
    const { json, floats } = parseGlb(readFileSync(studio.at('obama/head.glb')))
    const parts = json.meshes.map(({ primitives }) => primitives.map(({ material }) => json.materials[material]!.name))
    expect(parts).toEqual([['skin', 'mouth']])
    const { channels, samplers } = json.animations[0]!
    expect(channels.map(({ target }) => target.path).sort()).toEqual(['rotation', 'scale', 'translation', 'weights'])
    const { input, output } = samplers[channels.find(({ target }) => target.path === 'rotation')!.sampler]!
    const [keys, values] = [floats(input), floats(output)]
    studio.track('obama/track.jsonl').lines.forEach(({ time, faces }, i) => {
      expect(keys[i]).toBeCloseTo(time, 5)
      const dot = faces[0]!.pose.quaternion.reduce((sum, v, k) => sum + v * values[4 * i + k]!, 0)
      expect(Math.abs(dot)).toBeGreaterThan(0.99999)
    })
  })

  it('follows two faces by the same ids; makes no video when only the track is asked for', async () => {
    mkdirSync(studio.at('couple'))
    const { code, stderr } = await studio.video(couple, '--json', 'couple/track.jsonl', '--smooth', 'look-ahead')
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(studio.filesIn('couple')).toEqual(['track.jsonl'])
    const { header, lines } = studio.track('couple/track.jsonl')
    expect(header.smoothing).toBe('look-ahead')
    expect(lines).toHaveLength(56)
    expect(ids(lines)).toEqual(['1,2'])
    expect(lines.some(({ lost }) => lost)).toBe(false)
  })

  it.each(['sparse', 'dense', 'pose', 'depth', 'pncc', 'mesh,pose'])('draws %s', async (drawing) => {
    const out = `drawn_${drawing.replace(',', '_')}.mkv`
    expect(await studio.video(couple, '-o', drawing, '--out', out, '--end', '0.25')).toMatchObject({ code: 0 })
    expect(studio.streams(studio.at(out))[0]).toMatchObject({ nb_read_packets: '3', width: 480, height: 270 })
  })

  const hasPlayer = spawnSync('ffplay', ['-version']).status === 0
  it.skipIf(!hasPlayer)(`shows what it makes${hasPlayer ? '' : ' (skipped: ffplay is not installed)'}`, async () => {
    const quiet = { SDL_VIDEODRIVER: 'dummy', SDL_AUDIODRIVER: 'dummy' }
    const { code, stderr } = await run(['video', couple, '--display', '--end', '0.5'], {
      env: { ...studio.env, ...quiet },
      cwd: studio.folder,
    })
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(stderr).toContain('6 frames, 2 faces')
  })
}
