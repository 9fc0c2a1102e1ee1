import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { EXIT } from './errors.ts'
import { planPictures, planRun } from './plan.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa-plan-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
for (const name of ['a.png', 'a_3d.png', 'a_3d.jpg']) writeFileSync(at(name), '')

describe('planRun', () => {
  it('gives every input its outputs and creates the folder', async () => {
    const plan = await planRun([at('a.png'), at('gone.png')], { out: at('out/deep'), outputs: ['3d'] })
    expect(plan.tasks).toEqual([{ input: at('a.png'), base: at('out/deep/a') }])
    expect(plan.problems).toHaveLength(1)
    expect(existsSync(at('out/deep'))).toBe(true)
  })

  it('creates nothing when nothing is written', async () => {
    await planRun([at('a.png')], { out: at('never'), outputs: [] })
    await planRun([at('gone.png')], { out: at('never'), outputs: ['3d'] })
    expect(existsSync(at('never'))).toBe(false)
  })

  it('refuses to overwrite an input', async () => {
    const inputs = [at('a.png'), at('a_3d.png')]
    await expect(planRun(inputs, { out: folder, outputs: ['3d'] })).rejects.toMatchObject({
      message: `The outputs of ${at('a.png')} would overwrite the input ${at('a_3d.png')}; give another --out than ${folder}.`,
      exitCode: EXIT.usage,
    })
    await expect(planRun(inputs, { out: folder, outputs: ['pose'] })).resolves.toBeDefined()
    await expect(planRun([at('a.png'), at('a_3d.jpg')], { out: folder, outputs: ['3d'] })).resolves.toBeDefined()
  })

  it.each([
    ['texture', 'a_texture_1.png'],
    ['texture', 'a_texture_12.png'],
    ['texture', 'a_texture.mtl'],
    ['posmap', 'a_posmap.png'],
    ['visibility', 'a_visibility.npy'],
    ['visibility', 'a_visibility.json'],
  ] as const)('knows all files of %s: %s', async (output, name) => {
    writeFileSync(at(name), '')
    const plan = planRun([at('a.png'), at(name)], { out: folder, outputs: ['pose', output] })
    await expect(plan).rejects.toThrow(`would overwrite the input ${at(name)};`)
  })

  it('knows what --obj writes', async () => {
    writeFileSync(at('a_obj_2.png'), '')
    const plan = (obj: 'plain' | 'textured') =>
      planRun([at('a.png'), at('a_obj_2.png')], { out: folder, outputs: ['obj'], obj })
    await expect(plan('plain')).resolves.toBeDefined()
    await expect(plan('textured')).rejects.toThrow(`would overwrite the input ${at('a_obj_2.png')};`)
  })

  it('numbers files from 1 as they are numbered', async () => {
    for (const name of ['a_texture_0.png', 'a_texture_01.png', 'b_texture_1.png']) {
      writeFileSync(at(name), '')
      await expect(planRun([at('a.png'), at(name)], { out: folder, outputs: ['texture'] })).resolves.toBeDefined()
    }
  })

  it('sees through links', async () => {
    mkdirSync(at('real'))
    for (const name of ['a.png', 'a_pose.png', 'a_texture_1.png']) writeFileSync(at(join('real', name)), '')
    symlinkSync('real', at('link'))
    symlinkSync(join('real', 'a_texture_1.png'), at('other name.png'))
    const plan = (input: string) =>
      planRun([at('real/a.png'), at(input)], { out: at('link'), outputs: ['pose', 'texture'] })
    for (const input of ['real/a_pose.png', 'link/a_pose.png', 'real/a_texture_1.png', 'other name.png'])
      await expect(plan(input)).rejects.toThrow(`would overwrite the input ${at(input)};`)
    // A file of two names that are both inputs.
    linkSync(at('real/a_texture_1.png'), at('hard.png'))
    const both = [at('real/a.png'), at('real/a_texture_1.png'), at('hard.png')]
    await expect(planRun(both, { out: at('link'), outputs: ['texture'] })).rejects.toThrow('would overwrite the input')
  })

  it('does so for numbered pictures too', async () => {
    writeFileSync(at('a_frontalized_2.png'), '')
    const options = { out: folder, suffixes: ['_frontalized_#.png'] }
    await expect(planPictures([at('a.png'), at('a_frontalized_2.png')], options)).rejects.toMatchObject({
      message: `The outputs of ${at('a.png')} would overwrite the input ${at('a_frontalized_2.png')}; give another --out than ${folder}.`,
      exitCode: EXIT.usage,
    })
    await expect(planPictures([at('a.png'), at('a_3d.png')], options)).resolves.toMatchObject({ problems: [] })
  })

  it('refuses no input at all', async () => {
    await expect(planRun([], { out: at('x'), outputs: [] })).rejects.toMatchObject({ exitCode: EXIT.usage })
  })
})
