import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { ffmpegNote, hasFfmpeg, runFfmpeg } from '../src/video/testing.ts'
import { run } from './command.ts'
import { sandbox } from './sandbox.ts'

const aflw = shared('images/aflw2000')!
const frames = shared('images/youtube_faces')!
const photo = shared('images/trump_hillary.jpg')!
const here = aflw && frames && photo && shared('standin') && shared('upstream')

describe.skipIf(!here)(`3ddfa eval and bench${here ? '' : ' (skipped: ../shared is not here)'}`, () => {
  const { folder, env } = sandbox()
  const cli = (...args: string[]) => run(args, { env, cwd: folder })
  beforeAll(async () => {
    expect(await run(['models', 'pull', '--offline'], { env })).toMatchObject({ code: 0 })
  })

  it('eval aflw2000 prints the tables and writes result, list, curve and worst faces', async () => {
    const { code, stdout, stderr } = await cli('eval', 'aflw2000', aflw, '--out', 'results', '--worst', '4')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^aflw2000: 8 pictures, regions from the true points\n/)
    expect(stdout).toMatch(/^all pictures alike +8 +3\.25\d/m)
    expect(stdout).toMatch(/^aflw2000 .* 3\.2\d /m)
    expect(readdirSync(join(folder, 'results')).sort()).toEqual(['curve.svg', 'images.csv', 'result.json', 'worst.png'])
    expect(readFileSync(join(folder, 'results/images.csv'), 'utf8').trim().split('\n')).toHaveLength(9)
    expect(readFileSync(join(folder, 'results/curve.svg'), 'utf8')).toMatch(/^<svg/)
    expect(await sharp(join(folder, 'results/worst.png')).metadata()).toMatchObject({ width: 660, height: 484 })
  })

  it('eval landmarks with a detector tells how many it found', async () => {
    const { code, stdout } = await cli('eval', 'landmarks', frames, '--roi', 'detector', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      schema: '3ddfa.eval',
      conditions: { roi: 'detector', minIou: 0.5, refine: true, regressor: 'mb05' },
      pictures: 40,
      found: 40,
    })
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })

  const talk = shared('videos/headpose-female-and-male.mp4')
  const missing = !hasFfmpeg ? ffmpegNote : talk ? '' : ' (skipped: the video is not here)'
  it.skipIf(missing !== '')(`eval stability says when the video breaks off${missing}`, async () => {
    runFfmpeg(folder, '-i', talk!, '-c', 'copy', '-movflags', '+faststart', 'cut.mp4')
    truncateSync(join(folder, 'cut.mp4'), 120_000)
    const { code, stdout, stderr } = await cli('eval', 'stability', 'cut.mp4')
    expect({ code }, stderr).toEqual({ code: 0 })
    expect(stdout).toMatch(/^cut\.mp4: \d+ frames/)
    expect(stderr.match(/^Warning: cut\.mp4 ends early \(.+\): \d+ frames could be read, .+ s\.$/gm)).toHaveLength(1)
  })

  it('refuses what is no data set, in one sentence', async () => {
    expect(await cli('eval', 'pose', folder)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Error: .* holds no /),
    })
    expect(await cli('eval', 'landmarks', 'nowhere')).toMatchObject({ code: 2, stdout: '' })
    expect(await cli('eval', 'aflw', folder)).toMatchObject({ code: 2, stdout: '' })
  })

  it('bench images measures stages in turns, and keeps the run', async () => {
    const short = ['--seconds', '0.02', '--rounds', '2', '--stage', 'render', '--stage', 'crop', '--save', 'runs.jsonl']
    const { code, stdout, stderr } = await cli(
      'bench',
      'images',
      photo,
      '--backend',
      'wasm,reference',
      ...short,
      '--format',
      'json',
    )
    expect(code, stderr).toBe(0)
    const { results, ratios } = JSON.parse(stdout)
    expect(results.map(({ stage }: { stage: string }) => stage)).toEqual(['crop', 'crop', 'render', 'render'])
    expect(ratios[1]).toMatchObject({
      stage: 'render',
      by: 'backend',
      a: { backend: 'wasm' },
      b: { backend: 'reference' },
    })
    expect(ratios[1].ratio.median).toBeGreaterThan(2)
    expect((await cli('bench', 'history', 'runs.jsonl', '--format', 'svg')).stdout).toMatch(/^<svg/)
  })

  it('bench images measures whole processes', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await cli(
      'bench',
      'images',
      photo,
      '--stage',
      'processes',
      '--processes',
      '1',
      '--format',
      'json',
    )
    expect(code, stderr).toBe(0)
    const { results, processes } = JSON.parse(stdout)
    expect(results).toEqual([])
    const [{ coldStart, peak, memory }] = processes
    expect(coldStart.median).toBeGreaterThan(50)
    expect(peak.median).toBeGreaterThan(50)
    expect(memory.runs).toBeGreaterThanOrEqual(20)
    expect(memory.peak).toBeGreaterThanOrEqual(memory.end)
  })

  it('bench names what it does not know', async () => {
    const wrong = await cli('bench', 'images', photo, '--backend', 'quick')
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no mesh backend "quick"') })
    copyFileSync(photo, join(folder, 'precious.jpg'))
    const save = await cli('bench', 'images', photo, '--stage', 'crop', '--save', 'precious.jpg')
    expect(save).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('precious.jpg, line 1 is no run of 3ddfa bench;'),
    })
    expect(readFileSync(join(folder, 'precious.jpg')).equals(readFileSync(photo))).toBe(true)
    const stage = await cli('bench', 'images', photo, '--stage', 'nap', '--processes', '0')
    expect(stage).toMatchObject({ code: 2, stderr: expect.stringContaining('there are: decode image') })
    writeFileSync(
      join(folder, 'black.png'),
      await sharp({ create: { width: 64, height: 64, channels: 3, background: 'black' } })
        .png()
        .toBuffer(),
    )
    expect(await cli('bench', 'images', 'black.png')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no face'),
    })
  })
})
