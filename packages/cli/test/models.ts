import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { run } from './command.ts'
import { sandbox } from './sandbox.ts'

const here = shared('standin') && shared('upstream')

describe.skipIf(!here)(`3ddfa models and doctor${here ? '' : ' (skipped: ../shared is not here)'}`, () => {
  const { folder, env } = sandbox()
  const models = (...args: string[]) => run(['models', ...args], { env })
  const artifact = (name: string) => join(folder, 'cache', 'artifacts', name)

  it('doctor says what is missing before the models are here', async () => {
    const { code, stdout } = await run(['doctor'], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('no  mb05: missing; bring it with: 3ddfa models pull mb05')
    expect(stdout).toMatch(/`3ddfa align` can run here, with the open model pack; bring the published models with: /)
  })

  it('pull brings what align needs, shows the licence, warns of the stand-in', async () => {
    const { code, stdout, stderr } = await models('pull', '--offline', '--json')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Licence: bfm: .*academic, non-commercial use only/m)
    expect(stderr).toMatch(/^Warning: bfm was made from a stand-in/m)
    expect(JSON.parse(stdout)).toEqual([
      { id: 'mb05', ok: true, path: artifact('mb05.onnx') },
      { id: 'faceboxes', ok: true, path: artifact('faceboxes.onnx') },
      { id: 'bfm', ok: true, path: artifact('bfm_noneck_v3.safetensors') },
    ])
  })

  it('pull goes on after a model that cannot be had', async () => {
    const { code, stdout, stderr } = await models('pull', 'mb1', 'yunet', '--offline', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout).map(({ id, ok }: { id: string; ok: boolean }) => [id, ok])).toEqual([
      ['mb1', false],
      ['yunet', true],
    ])
    expect(stderr).toMatch(/^Error: mb1 .*--from DIR/m)
  })

  it('list shows states, stand-ins and licences', async () => {
    const { stdout } = await models('list', '--json')
    const states = Object.fromEntries(JSON.parse(stdout).map((model: { id: string }) => [model.id, model]))
    expect(states).toMatchObject({
      mb05: { state: 'ready', standIn: false, licences: ['MIT License'] },
      mb1: { state: 'missing', bytes: null },
      bfm: { state: 'ready', standIn: true, licences: ['Basel Face Model licence'] },
    })
    const text = await models('list')
    expect(text.stdout).toMatch(/^bfm +ready\* +\d+\.\d MB/m)
    expect(text.stderr).toContain('academic')
  })

  it('path prints a path and nothing else', async () => {
    expect(await models('path', 'mb05')).toEqual({ code: 0, stdout: `${artifact('mb05.onnx')}\n`, stderr: '' })
    expect(await models('path')).toEqual({ code: 0, stdout: `${join(folder, 'cache')}\n`, stderr: '' })
    const { code, stderr } = await models('path', 'mb1')
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Error: The model mb1 is not here .*: 3ddfa models pull mb1\n$/),
    })
  })

  it('import makes a model from given files', async () => {
    const checkpoint = shared('upstream/3DDFA_V2/weights/mb05_120x120.pth')!
    expect(await models('import', 'mb05', '--checkpoint', checkpoint, '--offline')).toMatchObject({ code: 0 })
    const wrong = await models('import', 'mb05', '--tri', checkpoint)
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('mb05 has no file tri') })
  })

  it("tells everywhere of a model of the user's files, until pull brings the published one back", async () => {
    const bytes = readFileSync(shared('upstream/3DDFA_V2/weights/mb05_120x120.pth')!)
    // In the midst of its weights: the lowest bits of a number.
    bytes[Math.floor(bytes.length / 8) * 4]! ^= 1
    const checkpoint = join(folder, 'own.pth')
    writeFileSync(checkpoint, bytes)
    const imported = await models('import', 'mb05', '--checkpoint', checkpoint, '--offline')
    const warning =
      /^Warning: mb05 was made from a user's file \(checkpoint\) in place of .*: 3ddfa models pull mb05\.$/m
    expect(imported).toMatchObject({ code: 0, stderr: expect.stringMatching(warning) })
    const note = "made from a user's file in place of the published one"
    const list = await models('list')
    expect(list.stdout).toMatch(/^mb05 +ready\* /m)
    expect(list.stdout).toContain(`* mb05: ${note}\n`)
    expect((await models('verify', 'mb05')).stdout).toBe(`mb05: intact (${note})\n`)
    const align = await run(['align', shared('images/trump_hillary.jpg')!, '--json'], { env })
    expect(align.stderr).toMatch(/^Models: not all as published \(mb05 from a file of yours, bfm, faceboxes\)\.$/m)
    expect(align.stderr).toMatch(warning)
    expect(JSON.parse(align.stdout).models.regressor).toBe('mb05-own')
    const { checks } = JSON.parse((await run(['doctor', '--json'], { env })).stdout)
    expect(checks.find(({ name }: { name: string }) => name === 'mb05')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(new RegExp(`^ran in .*; ${note}$`)),
    })
    const exported = JSON.parse((await models('export', join(folder, 'own'), 'mb05', '--json')).stdout)
    expect(exported[0]).toMatchObject({
      licences: ["not known (a user's file)", 'MIT License'],
      notes: [expect.stringContaining(note)],
    })
    const pulled = await models('pull', 'mb05', '--offline')
    expect(pulled).toMatchObject({
      code: 0,
      stderr: `mb05 is ready, the published one again in place of yours: ${artifact('mb05.onnx')}\n`,
    })
    expect(await models('path', 'mb05')).toMatchObject({ stderr: '' })
    expect((await models('pull', 'mb05', '--offline')).stderr).toBe(`mb05 is ready: ${artifact('mb05.onnx')}\n`)
  })

  it.each([['path'], ['pull'], ['verify'], ['import']])('%s refuses a name that is none', async (command) => {
    const stderr = expect.stringMatching(/^Error: There is no model "nope"; known are: mb05, /)
    expect(await models(command, 'nope')).toEqual({ code: 2, stdout: '', stderr })
  })

  const why = existsSync('/proc/self') ? '' : ' (skipped: no /proc here)'
  it.skipIf(why !== '')(`says once that its folder cannot be written${why}`, async () => {
    const reason = /^Error: The folder of models \/proc\/3ddfa cannot be written: .*; name another with --cache/gm
    const { code, stderr } = await models('pull', '--offline', '--cache', '/proc/3ddfa')
    expect([code, stderr.match(reason)?.length]).toEqual([1, 1])
    const photo = shared('images/trump_hillary.jpg')!
    const align = await run(['align', photo, '-o', 'json', '--out', join(folder, 'o'), '--cache', '/proc/3ddfa'], {
      env,
    })
    expect(align).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Warning: The folder of models \/proc\/3ddfa/),
    })
  })

  it('a model that is no regressor is refused, and so is one of another face model', async () => {
    const photo = shared('images/trump_hillary.jpg')!
    const align = (model: string) => run(['align', photo, '--model', model], { env })
    expect(await align('bfm')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^Error: bfm is no regressor but a morphable-model; regressors are: open, prnet, mb05/,
      ),
    })
    expect(await align(`open:${artifact('mb05.onnx')}`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^Error: Expected 84 parameters a face, .*, for the regressor mb05 but received 62\.\n$/,
      ),
    })
  })

  it('licences names each source, its commit and its terms', async () => {
    const { stdout } = await models('licences')
    expect(stdout).toContain('cleardusk/3DDFA_V2 at 1b6c676: weights/mb05_120x120.pth')
    expect(stdout).toContain('Basel Face Model licence: ')
    const files = JSON.parse((await models('licences', '--json')).stdout)
    for (const file of files) expect(file).toMatchObject({ id: expect.any(String), licence: expect.any(String) })
  })

  it('doctor finds that align can run, each thing tried', async () => {
    const { code, stdout } = await run(['doctor', '--json'], { env })
    const { canAlign, checks } = JSON.parse(stdout)
    expect({ code, canAlign }).toEqual({ code: 0, canAlign: true })
    const details = Object.fromEntries(
      checks.map(({ name, ok, detail }: Record<string, string>) => [name, [ok, detail]]),
    )
    expect(details).toMatchObject({
      'onnxruntime-node': [true, expect.stringContaining('ran a network')],
      JPEG: [true, 'wrote and read a picture'],
      reference: [true, 'drew a triangle'],
      mb05: [true, expect.stringMatching(/^ran in [\d.]+ ms$/)],
      bfm: [true, 'loaded, 38365 vertices; made from a stand-in'],
      mb1: [false, expect.stringContaining('3ddfa models pull mb1')],
      ffmpeg: [expect.any(Boolean), expect.any(String)],
    })
  })

  it('verify and doctor find a damaged model', async () => {
    const web = join(folder, 'web')
    const exported = await models('export', web, 'mb05', '--json')
    expect(JSON.parse(exported.stdout)).toMatchObject([
      { id: 'mb05', file: expect.stringMatching(/^mb05\.[0-9a-f]{12}\.onnx$/) },
    ])
    expect(readdirSync(web)).toHaveLength(2)
    expect(await models('verify')).toMatchObject({ code: 0, stdout: expect.stringContaining('mb05: intact\n') })
    const path = artifact('mb05.onnx')
    const { size } = await import('node:fs').then(({ statSync }) => statSync(path))
    writeFileSync(path, Buffer.alloc(size))
    expect(await models('verify', 'mb05')).toMatchObject({ code: 1, stdout: expect.stringContaining('mb05: damaged') })
    const remedy = `The model mb05 is damaged; remove ${path} and pull again`
    const { code, stdout } = await run(['doctor'], { env })
    expect(code).toBe(1)
    expect(stdout).toContain(`  no  mb05: ${remedy}\n`)
    const out = join(folder, 'damaged')
    expect(
      await run(['align', shared('images/trump_hillary.jpg')!, '--out', out, '--model', 'mb05'], { env }),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`Error: ${remedy}.\n`),
    })
    expect(readdirSync(out)).toEqual([])
    expect(existsSync(path)).toBe(true)
  })
})

describe('3ddfa', () => {
  it.each([
    ['--help', ['align', 'models', 'doctor', 'Exit codes']],
    ['align --help', ['--out <dir>', '--backend <id>', 'Examples:', 'Exit codes:']],
    ['models --help', ['pull', 'licences', 'academic use only', 'Examples:']],
    ['doctor --help', ['Examples:', 'Exit codes:']],
  ])('%s', async (args, parts) => {
    const { code, stdout, stderr } = await run(args.split(' '))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const part of parts) expect(stdout).toContain(part)
  })

  it('has a version, and refuses what it does not know', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    expect(await run(['nope'])).toMatchObject({ code: 2, stdout: '' })
    expect(await run([])).toMatchObject({ code: 2, stdout: '' })
    expect(await run(['models'])).toMatchObject({ code: 2, stdout: '' })
  })
})
