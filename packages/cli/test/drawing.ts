// Styles, head pose and expressions, with the open pack and our own drawn picture: no network, nobody else's pictures.
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { STYLE_NAMES } from '@3ddfa/core'
import { readMorphableModel } from '@3ddfa/models'
import { facePath } from '@3ddfa/open-models/node'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'
import { ffmpegNote, hasFfmpeg, runFfmpeg } from '../src/video/testing.ts'
import { run } from './command.ts'

const sample = fileURLToPath(new URL('../../web-demo/public/sample.png', import.meta.url))
const names = readMorphableModel(readFileSync(facePath)).expressionNames!

describe('how 3ddfa draws faces, and gives them expressions', () => {
  const folder = temporaryFolder('e2e')
  const at = (...names: string[]) => join(folder, ...names)
  const env = { TDFA_CACHE_DIR: at('cache'), TDFA_MODEL_SOURCES: '', TDFA_SHARED: '/nonexistent' }
  const command = (...args: string[]) => run([...args, '--model', 'open'], { env, cwd: folder })
  const pixels = (...names: string[]) =>
    sharp(at(...names))
      .removeAlpha()
      .raw()
      .toBuffer()

  beforeAll(() => copyFileSync(sample, at('sample.png')))

  /** Pixels of the columns from x1 to x2 that differ by more than a level. */
  async function changed(name: string, x1: number, x2: number): Promise<number> {
    const [a, b] = [await pixels('sample.png'), await pixels(name)]
    let count = 0
    for (let i = 0; i < a.length / 3; i++)
      if (i % 960 >= x1 && i % 960 < x2 && [0, 1, 2].some((k) => Math.abs(a[3 * i + k]! - b[3 * i + k]!) > 1)) count++
    return count
  }

  it('in two styles, the mesh of one opaque and bluish', async () => {
    for (const style of STYLE_NAMES) {
      const args = ['-o', '2d_sparse,2d_dense,3d,pose', '--style', style, '--out', style]
      const { code, stderr } = await command('align', 'sample.png', ...args)
      expect(code, stderr).toBe(0)
      expect(readdirSync(at(style))).toHaveLength(4)
    }
    for (const output of readdirSync(at('3ddfa')))
      expect((await pixels('3ddfa', output)).equals(await pixels('dense-head', output))).toBe(false)
    const cheek = 3 * (300 * 960 + 200)
    const [r, g, b] = (await pixels('dense-head', 'sample_3d.png')).subarray(cheek, cheek + 3)
    expect(b! - r!).toBeGreaterThan(10)
    expect(b! - g!).toBeGreaterThan(5)
  })

  it('the pose as box, axes or both', async () => {
    const counts = []
    for (const as of ['box', 'axes', 'both']) {
      const { code, stderr } = await command('align', 'sample.png', '-o', 'pose', '--pose-as', as, '--out', as)
      expect(code, stderr).toBe(0)
      counts.push(await changed(join(as, 'sample_pose.png'), 0, 960))
    }
    expect(counts[2]).toBeGreaterThan(Math.max(counts[0]!, counts[1]!))
  })

  it('the number of each face beside it, and none into depth', async () => {
    const draw = async (...args: string[]) => {
      const { code, stderr } = await command('align', 'sample.png', '-o', '3d,depth', '--out', 'plain', ...args)
      expect(code, stderr).toBe(0)
      return [await pixels('plain', 'sample_3d.png'), await pixels('plain', 'sample_depth.png')]
    }
    const [plain, numbered] = [await draw(), await draw('--numbers')]
    expect(numbered[1]!.equals(plain[1]!)).toBe(true)
    const differs = (x1: number, x2: number) =>
      Array.from({ length: 960 * 540 }, (_, i) => i).filter(
        (i) => i % 960 >= x1 && i % 960 < x2 && numbered[0]![3 * i] !== plain[0]![3 * i],
      ).length
    expect(Math.min(differs(0, 480), differs(480, 960))).toBeGreaterThan(100)
    expect(differs(0, 960)).toBeLessThan(5000)
  })

  it('faces of a picture that is upside down or on its side, with --any-roll', async () => {
    const rolls: number[][] = []
    for (const turn of [90, 180, 270]) {
      await sharp(sample).rotate(turn).toFile(at('turned.png'))
      const { code, stdout, stderr } = await command('align', 'turned.png', '--any-roll', '--json')
      expect(code, stderr).toBe(0)
      expect(stderr).not.toContain('--any-roll')
      rolls.push(JSON.parse(stdout).images[0].faces.map((face: { pose: { roll: number } }) => face.pose.roll))
    }
    for (const [i, pair] of rolls.entries()) {
      expect(pair).toHaveLength(2)
      for (const roll of pair) expect(Math.cos(((roll - 90 * (i + 1)) * Math.PI) / 180)).toBeGreaterThan(0.9)
    }
    // Without it the last one shows no face, and that is said.
    const { stderr } = await command('align', 'turned.png', '-o', 'json', '--out', 'turned')
    expect(stderr).toContain('Faces that lie on their side or upside down need --any-roll.')
    const edited = await command('edit', 'turned.png', '--any-roll', '--expression', `${names[5]}=1`)
    expect(edited.code, edited.stderr).toBe(0)
  })

  it.skipIf(!hasFfmpeg)(`a video in the modes of Dense-Head-Pose-Estimation${ffmpegNote}`, async () => {
    const still = [
      '-loop',
      '1',
      '-i',
      at('sample.png'),
      '-t',
      '0.4',
      '-r',
      '10',
      '-pix_fmt',
      'yuv420p',
      at('still.mp4'),
    ]
    runFfmpeg(folder, ...still)
    const sizes = new Set<string>()
    for (const mode of ['sparse', 'dense', 'pose', 'mesh']) {
      const args = ['-o', mode, '--style', 'dense-head', '--pose-as', 'both', '--out', `${mode}.mp4`]
      const { code, stderr } = await command('video', 'still.mp4', ...args)
      expect(code, stderr).toBe(0)
      expect(stderr).toContain('4 frames, 2 faces')
      sizes.add(readFileSync(at(`${mode}.mp4`)).toString('base64'))
    }
    const args = ['-o', 'mesh', '--style', 'dense-head', '--numbers', '--out', 'numbers.mp4']
    expect(await command('video', 'still.mp4', ...args)).toMatchObject({ code: 0 })
    sizes.add(readFileSync(at('numbers.mp4')).toString('base64'))
    expect(sizes.size).toBe(5)
  })

  it('sets expressions by name on one face, and leaves the other alone', async () => {
    const { code, stderr } = await command('edit', 'sample.png', '--expression', 'jawOpen=1', '--out', 'open.png')
    expect(code, stderr).toBe(0)
    expect(await changed('open.png', 0, 480)).toBeGreaterThan(5000)
    expect(await changed('open.png', 620, 960)).toBe(0)
    // The chin went down: what was neck below it is now skin of the face, and the mouth is dark inside.
    const inside = 3 * (350 * 960 + 245)
    expect((await pixels('open.png'))[inside]! - (await pixels('sample.png'))[inside]!).toBeLessThan(-50)
  })

  it('takes the expression of another face, as far as asked', async () => {
    const transfer = async (amount: string) => {
      const out = `by ${amount}.png`
      const args = ['--expression-from', 'sample.png', '--reference-face', '2', '--amount', amount, '--out', out]
      const { code, stderr } = await command('edit', 'sample.png', ...args)
      expect(code, stderr).toBe(0)
      return changed(out, 0, 480)
    }
    const [none, all, more] = [await transfer('0'), await transfer('1'), await transfer('3')]
    expect(none).toBe(0)
    expect(all).toBeGreaterThan(500)
    expect(more).toBeGreaterThan(all)
  })

  it('gives a face the skin of another, and not its hair, unless the whole face is asked for', async () => {
    const before = await pixels('sample.png')
    const painted = async (...args: string[]) => {
      const outcome = await command('edit', 'sample.png', '--swap', 'sample.png', '--reference-face', '2', ...args)
      expect(outcome.code, outcome.stderr).toBe(0)
      const after = await pixels('out/sample_edited.png')
      let hair = 0
      // Above the brows only hair is dark.
      for (let i = 0; i < 3 * 960 * 165; i += 3) if (before[i]! < 80 && Math.abs(after[i]! - before[i]!) > 8) hair++
      return { hair, all: await changed('out/sample_edited.png', 0, 480) }
    }
    const skin = await painted()
    expect(skin.all).toBeGreaterThan(30_000)
    const face = await painted('--region', 'face')
    expect(face.all).toBeGreaterThan(skin.all)
    expect(skin.hair).toBeLessThan(face.hair / 10)
    expect(face.hair).toBeGreaterThan(500)
  })

  it('writes the mesh with an expression as .glb', async () => {
    const { code, stderr } = await command('edit', 'sample.png', '--expression', `${names[5]}=1`, '--out', 'blink.glb')
    expect(code, stderr).toBe(0)
    expect(readFileSync(at('blink.glb')).toString('latin1', 0, 4)).toBe('glTF')
  })

  it('names all parameters in the JSON', async () => {
    const { parameters, images } = JSON.parse((await command('align', 'sample.png', '--json')).stdout)
    expect(parameters.unit).toBe('millimetre')
    expect(parameters.names).toHaveLength(images[0].faces[0].params.length)
    expect(parameters.movement).toHaveLength(parameters.names.length - 12)
    expect(parameters.names.slice(12, 14)).toEqual(['shape_1', 'shape_2'])
    expect(parameters.names.slice(-names.length)).toEqual(names)
  })

  it('says in one sentence what is wrong', async () => {
    const fails = async (message: RegExp, ...args: string[]) => {
      const { code, stderr } = await command(...args)
      expect(stderr).toMatch(message)
      expect(stderr).not.toMatch(/^\s+at /m)
      expect(code).toBe(2)
    }
    await fails(/'--style <name>' argument 'oil' is invalid/, 'align', 'sample.png', '--style', 'oil')
    await fails(/Expected one of .*jawOpen, .* but received "smile"/, 'edit', 'sample.png', '--expression', 'smile=1')
    await fails(
      /Expected names with values.*received "jawOpen"/,
      'edit',
      'sample.png',
      '--expression',
      'eyeBlinkLeft=.6,jawOpen',
    )
    await fails(/cannot be used with/, 'edit', 'sample.png', '--expression', 'jawOpen=1', '--swap', 'sample.png')
    await fails(/\.png or \.glb for --out/, 'edit', 'sample.png', '--expression', 'jawOpen=1', '--out', 'a.jpg')
  })
})
