import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

  it("the README's first program finds both faces and draws them", () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const [, program] = /```js\n(.+?)```/s.exec(readme)!
    const before = `import sharp from 'sharp'
      const { data, info: { width, height } } = await sharp(process.argv[1]).removeAlpha().raw().toBuffer({ resolveWithObject: true })
      const untouched = Buffer.from(data)\n`
    const after = `console.log(faces.map(({ landmarks }) => landmarks.length).join(), data.equals(untouched))`
    expect(node('--input-type=module', '--eval', before + program + after, picture)).toBe('204,204 false\n')
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
})
