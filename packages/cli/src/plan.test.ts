import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { EXIT } from './errors.ts'
import { planRun } from './plan.ts'

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

  it('refuses no input at all', async () => {
    await expect(planRun([], { out: at('x'), outputs: [] })).rejects.toMatchObject({ exitCode: EXIT.usage })
  })
})
