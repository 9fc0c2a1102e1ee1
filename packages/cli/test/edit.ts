import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { parseNpy } from '../../core/src/testing.ts'
import { run } from './command.ts'
import { sandbox } from './sandbox.ts'

const photo = shared('images/trump_hillary.jpg')!
const profile = shared('images/aflw2000/image02616.jpg')!
const prnet = shared('upstream/PRNet')!
const here = photo && profile && prnet && shared('standin')

/** As the command reads pictures. */
const pixels = async (path: string) =>
  sharp(path, { ignoreIcc: true }).removeAlpha().raw().toBuffer({ resolveWithObject: true })

describe.skipIf(!here)(`meshes and skins as PRNet has them${here ? '' : ' (skipped: ../shared is not here)'}`, () => {
  const { folder, env } = sandbox()
  const at = (...names: string[]) => join(folder, ...names)
  const command = (...args: string[]) => run(args, { env, cwd: folder })

  beforeAll(async () => {
    expect(await run(['models', 'pull', '--offline'], { env })).toMatchObject({ code: 0 })
  })

  it('gives PRNet-style results with --topology prnet', async () => {
    const args = ['-o', 'posmap,visibility,frontal,texture,ply', '--topology', 'prnet', '--out', 'prnet']
    const { code, stderr } = await command('align', photo, ...args, '--texture-size', '512', '--hidden', 'cut')
    expect(code, stderr).toBe(0)
    const posmap = parseNpy(readFileSync(at('prnet/trump_hillary_posmap.npy')))
    expect(posmap.shape).toEqual([2, 256, 256, 3])
    const cells = Array.from({ length: 65_536 }, (_, i) => i).filter((i) => posmap.data[3 * i] !== 0)
    expect(cells).toHaveLength(43_867)
    const visible = parseNpy(readFileSync(at('prnet/trump_hillary_visibility.npy')))
    expect(visible.shape).toEqual([2, 43_867])
    const { faces } = JSON.parse(readFileSync(at('prnet/trump_hillary_visibility.json'), 'utf8'))
    // Both look to the picture's right: the jaw's near end is seen, the far end is not.
    for (const { landmarks } of faces) expect([landmarks[0], landmarks[16], landmarks[30]]).toEqual([1, 0, 1])
    expect(readFileSync(at('prnet/trump_hillary_ply.ply')).toString('latin1', 0, 200)).toContain('element vertex 87734')
    expect(readFileSync(at('prnet/trump_hillary_texture.obj'), 'utf8').match(/^f /gm)).toHaveLength(2 * 86_907)
    expect(await sharp(at('prnet/trump_hillary_texture_2.png')).metadata()).toMatchObject({ width: 512, height: 512 })
    const first = readFileSync(at('prnet/trump_hillary_frontal.obj'), 'utf8')
      .split('\n')
      .filter((l) => l.startsWith('v '))
    expect(first).toHaveLength(87_734)
  })

  it('shows faces front-on', async () => {
    const { code, stderr } = await command('frontalize', profile, photo, '--size', '200', '--out', 'front')
    expect(code, stderr).toBe(0)
    for (const name of ['image02616_frontalized_1', 'trump_hillary_frontalized_1', 'trump_hillary_frontalized_2']) {
      const { data, info } = await sharp(at(`front/${name}.png`))
        .raw()
        .toBuffer({ resolveWithObject: true })
      expect(info).toMatchObject({ width: 200, height: 200, channels: 4 })
      // Nearly symmetric in outline, whatever way the head was turned.
      let [both, either] = [0, 0]
      for (let i = 0; i < 200 * 200; i++) {
        const [a, b] = [data[4 * i + 3]! > 127, data[4 * (i - (i % 200) + 199 - (i % 200)) + 3]! > 127]
        both += a && b ? 1 : 0
        either += a || b ? 1 : 0
      }
      expect(both / either).toBeGreaterThan(0.93)
    }
    expect(existsSync(at('front/image02616_frontalized_2.png'))).toBe(false)
  })

  it('swaps one face’s skin and leaves the rest of the picture alone', async () => {
    const args = ['--swap', photo, '--reference-face', '2', '--match-colors', '--out', 'swapped.png']
    const { code, stderr } = await command('edit', photo, ...args)
    expect(code, stderr).toBe(0)
    const [before, after] = [await pixels(photo), await pixels(at('swapped.png'))]
    expect(after.info).toMatchObject({ width: 1536, height: 689 })
    const changed = (x1: number, x2: number) => {
      let count = 0
      for (let y = 0; y < 689; y++)
        for (let x = x1; x < x2; x++) if (after.data[3 * (y * 1536 + x)] !== before.data[3 * (y * 1536 + x)]) count++
      return count
    }
    expect(changed(0, 768)).toBeGreaterThan(20_000)
    expect(changed(768, 1536)).toBe(0)
  })

  it('changes regions, and what a mask file says, of a texture picture', async () => {
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#20c040' } })
      .png()
      .toFile(at('green.png'))
    const uv = (name: string) => join(prnet, 'uv-data', name)
    const mask = ['--topology', 'prnet', '--mask', uv('uv_face_eyes.png'), '--mask-base', uv('uv_face.png')]
    const [original, count] = [await pixels(profile), (name: string) => pixels(at(name))]
    const greens = async (name: string) => {
      const { data } = await count(name)
      return Array.from({ length: data.length / 3 }, (_, i) => 3 * i).filter(
        (i) => data[i + 1]! > data[i]! + 60 && data[i + 1]! > original.data[i + 1]! + 20,
      ).length
    }
    const paint = async (out: string, ...args: string[]) => {
      const outcome = await command('edit', profile, '--texture', 'green.png', '--blend', 'none', '--out', out, ...args)
      expect(outcome.code, outcome.stderr).toBe(0)
      return greens(out)
    }
    const [eyes, mouth, both, masked] = [
      await paint('eyes.png', '--region', 'eyes'),
      await paint('mouth.png', '--region', 'mouth'),
      await paint('both.png', '--region', 'eyes,mouth'),
      await paint('masked.png', ...mask),
    ]
    expect(Math.min(eyes, mouth, masked)).toBeGreaterThan(30)
    expect(Math.abs(both - eyes - mouth)).toBeLessThan(20)
    // PRNet's mask is the eyes' openings, ours goes around the lids.
    expect(masked).toBeLessThan(eyes)
  })

  it('matches the colours of a texture picture too', async () => {
    const { code, stderr } = await command('align', profile, '-o', 'uv_tex', '--out', '.')
    expect(code, stderr).toBe(0)
    await sharp(at('image02616_uv_tex.png')).linear(0.4).png().toFile(at('dark.png'))
    // Mean distance to the photograph, whose own skin it was.
    const paint = async (out: string, ...args: string[]) => {
      const outcome = await command('edit', profile, '--texture', 'dark.png', '--blend', 'none', '--out', out, ...args)
      expect(outcome.code, outcome.stderr).toBe(0)
      const [before, after] = [await pixels(profile), await pixels(at(out))]
      return before.data.reduce((sum, value, i) => sum + Math.abs(value - after.data[i]!), 0) / before.data.length
    }
    const [dark, matched] = [await paint('darker.png'), await paint('matched.png', '--match-colors')]
    expect(matched).toBeLessThan(dark / 4)
  })

  it('overwrites no input with a front view, and writes nothing then', async () => {
    mkdirSync(at('fronts'))
    for (const name of ['a.jpg', 'b.jpg', 'b_frontalized_1.png']) copyFileSync(profile, at('fronts', name))
    const { code, stderr } = await command('frontalize', 'fronts', '--out', 'fronts')
    expect(stderr).toMatch(/would overwrite the input fronts\/b_frontalized_1\.png; give another --out/)
    expect(code).toBe(2)
    expect(readdirSync(at('fronts'))).toHaveLength(3)
  })

  it('says in one sentence what is wrong', async () => {
    writeFileSync(at('taken.png'), 'x')
    const fails = async (code: number, message: RegExp, ...args: string[]) => {
      const outcome = await command(...args)
      expect(outcome.stderr).toMatch(message)
      expect(outcome.code).toBe(code)
    }
    await fails(2, /Expected --swap with a picture of a face/, 'edit', photo)
    await fails(2, /ends in .png for --out but received a.jpg/, 'edit', photo, '--swap', profile, '--out', 'a.jpg')
    await fails(2, /taken.png is the input/, 'edit', 'taken.png', '--swap', photo, '--out', 'taken.png')
    await fails(1, /has 2 faces; there is no face 3\./, 'edit', photo, '--swap', profile, '--face', '3')
    await fails(2, /There is no region "ears"/, 'edit', photo, '--swap', profile, '--region', 'ears')
    await fails(2, /--mask-base needs a --mask/, 'edit', photo, '--swap', profile, '--mask-base', photo)
    await fails(
      2,
      /--feather needs another --blend/,
      'edit',
      photo,
      '--swap',
      profile,
      '--feather',
      '2',
      '--blend',
      'none',
    )
    await fails(1, /a mask must be a square/, 'edit', photo, '--swap', profile, '--mask', photo)
    await fails(2, /lies on the Basel face model/, 'frontalize', photo, '--model', 'open', '--topology', 'prnet')
    await fails(1, /There is no file or folder gone.jpg/, 'frontalize', 'gone.jpg')
  })
})
