import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ffmpegNote, hasFfmpeg, runFfmpeg } from '../../packages/cli/src/video/testing.ts'
import { useLocalModels } from '../../scripts/setup.mjs'
import { shared } from '../../scripts/shared.mjs'

const examples = fileURLToPath(new URL('..', import.meta.url))
const picture = fileURLToPath(new URL('../../packages/web-demo/public/sample.png', import.meta.url))
const photo = shared('upstream') && shared('images/trump_hillary.jpg')

describe('examples', () => {
  const out = mkdtempSync(join(tmpdir(), '3ddfa-examples-'))
  beforeAll(useLocalModels)
  afterAll(() => rmSync(out, { recursive: true, force: true }))

  const node = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: examples, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const run = (file: string, ...args: string[]) => node(join(examples, file), ...args)

  it("the README's first program finds both faces and draws them", async () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const [, program] = /```js\n(.+?)```/s.exec(readme)!
    const png = join(out, 'readme.png')
    const given = program!.replace("'photo.jpg'", 'process.argv[1]').replace("'mesh.png'", 'process.argv[2]')
    const lengths = 'console.log(faces.map(({ landmarks, vertices }) => [landmarks.length, vertices.length]).join())'
    const printed = node('--input-type=module', '--eval', given + lengths, picture, png)
    expect(printed.trim().split('\n').at(-1)).toBe('204,27648,204,27648')
    const [before, drawn] = await Promise.all([picture, png].map((file) => sharp(file).removeAlpha().raw().toBuffer()))
    const changed = drawn!.reduce((count, value, i) => count + (value === before![i] ? 0 : 1), 0)
    // Two faces are a good part of the picture, and not all of it.
    expect(changed / before!.length).toBeGreaterThan(0.05)
    expect(changed / before!.length).toBeLessThan(0.5)
  })

  it('landmarks.mjs prints pose and nose tip of both faces', () => {
    const lines = run('landmarks.mjs', picture).trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^yaw -?\d+\.\d, pitch -?\d+\.\d, roll -?\d+\.\d; nose tip at \d+/)
  })

  it.skipIf(!photo)(`published-models.mjs does so too${photo ? '' : ' (skipped: ../shared is not here)'}`, () => {
    expect(run('published-models.mjs', photo!).trim().split('\n')).toHaveLength(2)
  })

  it('own-detector.mjs aligns the face in a given box', () => {
    // The left face of the picture, box by hand.
    expect(run('own-detector.mjs', picture, '150', '120', '392', '420')).toMatch(/^1 face, left mouth corner at \d+/)
  })

  it('own-backend.mjs draws with it', () => {
    const png = join(out, 'own.png')
    expect(run('own-backend.mjs', picture, png)).toContain('2 faces, 36008 triangles')
    expect(statSync(png).size).toBeGreaterThan(100_000)
  })

  it('render-sheet.mjs writes a sheet', () => {
    const png = join(out, 'sheet.png')
    expect(run('render-sheet.mjs', picture, png)).toContain('6 pictures')
    expect(statSync(png).size).toBeGreaterThan(20_000)
  })

  it('mesh-sheet.mjs writes a sheet of mesh features', () => {
    const png = join(out, 'sheet.png')
    expect(run('mesh-sheet.mjs', picture, png)).toContain('8 pictures')
    expect(statSync(png).size).toBeGreaterThan(20_000)
  })

  it('reuse-buffers.mjs goes through several pictures', () => {
    expect(run('reuse-buffers.mjs', picture, picture).trim().split('\n')).toHaveLength(4)
  })

  it.skipIf(!hasFfmpeg)(`video.mjs follows a face${ffmpegNote}`, () => {
    const pan = ['-loop', '1', '-i', picture, '-vf', "crop=640:480:x='40+4*n':y=60", '-frames:v', '12']
    runFfmpeg(out, ...pan, '-r', '25', '-pix_fmt', 'yuv420p', 'pan.mp4')
    const lines = run('video.mjs', join(out, 'pan.mp4')).trim().split('\n')
    const first = lines.filter((line) => line.includes('face 1, yaw'))
    expect(first).toHaveLength(12)
    expect(first.at(-1)).toMatch(/^0\.44 s: face 1, yaw -?\d+\.\d, confidence (0\.9\d|1\.00)$/)
  })

  it('server.mjs answers uploads in turn, refuses what is none, and ends when told to', async () => {
    const server = spawn(process.execPath, [join(examples, 'server.mjs'), '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = await once(server.stdout, 'data')
      const url = `http://localhost:${/\d+$/.exec(String(line).trim())![0]}`
      const post = (body: string | Uint8Array<ArrayBuffer>) => fetch(url, { method: 'POST', body })
      const photo = Uint8Array.from(readFileSync(picture))
      const [first, none, second] = await Promise.all([post(photo), post('no picture'), post(photo)])
      const result = await first.json()
      expect(result).toMatchObject({ schema: '3ddfa.align', models: { regressor: 'open' } })
      expect(result.images[0].faces).toHaveLength(2)
      expect(await second.json()).toEqual(result)
      expect([none.status, await none.text()]).toEqual([
        415,
        expect.stringMatching(/^Expected a picture of at most 50 me/),
      ])
      expect((await fetch(url)).status).toBe(405)
      expect((await post('')).status).toBe(400)
      server.kill('SIGTERM')
      const [code, signal] = await once(server, 'exit')
      expect({ code, signal }).toEqual({ code: 0, signal: null })
    } finally {
      server.kill('SIGKILL')
    }
  })
})
