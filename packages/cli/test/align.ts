import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AlignResult } from '@3ddfa/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { parseNpy } from '../../core/src/testing.ts'
import { OUTPUT_NAMES, outputPath, suffixesOf } from '../src/outputs/names.ts'
import { outcomeOf, run, start } from './command.ts'
import { sandbox } from './sandbox.ts'

const photo = shared('images/trump_hillary.jpg')!
const emma = shared('images/emma.jpg')!
const here = photo && emma && shared('standin') && shared('upstream')

const schemaFile = new URL('../../core/schema/align-result.json', import.meta.url)
const isValid = new Ajv2020().compile(JSON.parse(readFileSync(schemaFile, 'utf8')))

function parse(text: string): AlignResult {
  const result = JSON.parse(text)
  expect(isValid(result), JSON.stringify(isValid.errors)).toBe(true)
  return result
}

describe.skipIf(!here)(`3ddfa align${here ? '' : ' (skipped: ../shared is not here)'}`, () => {
  const { folder, env } = sandbox()
  const at = (...names: string[]) => join(folder, ...names)
  const align = (...args: string[]) => run(['align', ...args], { env, cwd: folder })

  beforeAll(async () => {
    expect(await run(['models', 'pull', '--offline'], { env })).toMatchObject({ code: 0 })
  })

  it.each([
    ['trump_hillary', photo, 2],
    ['emma', emma, 3],
  ])('writes every output of %s', async (name, path, faceCount) => {
    const { code, stdout, stderr } = await align(path, '-o', 'all', '--out', 'every')
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain(`${faceCount} faces`)
    const { width, height } = await sharp(path).metadata()
    for (const output of OUTPUT_NAMES) {
      const file = at(outputPath(join('every', name), output))
      const start = readFileSync(file).subarray(0, 80).toString('latin1')
      if (output === 'json') expect(parse(readFileSync(file, 'utf8')).images[0]!.faces).toHaveLength(faceCount)
      else if (output === 'ply') expect(start).toContain(`element vertex ${faceCount * 38365}`)
      else if (output === 'obj') expect(start).toMatch(/^o face_1\nv -?\d/)
      else if (output === 'glb') expect(start).toMatch(/^glTF/)
      else if (output === 'uv_tex')
        expect(await sharp(file).metadata()).toMatchObject({ width: 256 * faceCount, height: 256 })
      else if (output === 'posmap') expect(start).toContain(`'shape': (${faceCount}, 256, 256, 3)`)
      else if (output === 'vertices') expect(start).toContain(`'shape': (${faceCount}, 38365, 3)`)
      else if (output === 'landmarks') {
        const { shape, data } = parseNpy(readFileSync(file))
        const told = parse(readFileSync(at('every', `${name}_json.json`), 'utf8')).images[0]!.faces!
        expect(shape).toEqual([faceCount, 68, 3])
        const apart = told.flatMap(({ landmarks }) => landmarks.flat()).map((value, i) => Math.abs(value - data[i]!))
        expect(Math.max(...apart)).toBeLessThan(0.01)
      } else if (output === 'texture') expect(start).toContain(`mtllib ${name}_texture.mtl`)
      else if (output === 'frontal') expect(start).toMatch(/^o face_1\nv -?\d/)
      else expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width, height, channels: 3 })
    }
    // All that is written is told beforehand, so that no input is overwritten.
    const written = readdirSync(at('every')).filter((file) => file.startsWith(name))
    const told = OUTPUT_NAMES.flatMap((output) => suffixesOf(output)).map((suffix) => name + suffix)
    expect(new Set(written.map((file) => file.replace(/_\d+\.png$/, '_#.png')))).toEqual(new Set(told))
  })

  it('prints one valid document with --json, and nothing else on stdout; nothing is written', async () => {
    const { code, stdout } = await align(photo, emma, '--json', '--out', 'untouched')
    const { images, models, backend } = parse(stdout)
    expect({ code, models }).toEqual({
      code: 0,
      models: { detector: 'faceboxes', regressor: 'mb05', morphableModel: expect.stringMatching(/^bfm/) },
    })
    expect(['native', 'wasm', 'reference']).toContain(backend)
    expect(images.map(({ file, faces }) => [file, faces!.length])).toEqual([
      [photo, 2],
      [emma, 3],
    ])
    const scores = images[1]!.faces!.map((face) => face.score!)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(existsSync(at('untouched'))).toBe(false)
  })

  it('prints a valid document a line with --jsonl, failures too', async () => {
    const { code, stdout } = await align(photo, 'gone.jpg', '--jsonl')
    const lines = stdout.trim().split('\n').map(parse)
    expect(code).toBe(1)
    expect(lines.map(({ images }) => images[0]!.file)).toEqual(['gone.jpg', photo])
    expect(lines[0]!.images[0]!.error).toBe('There is no file or folder gone.jpg.')
  })

  it('gives the angles of either convention', async () => {
    const yaw = async (convention: string) => {
      const { stdout } = await align(photo, '--json', '--no-refine', '--pose-convention', convention)
      return parse(stdout).images[0]!.faces![0]!.pose
    }
    const [ours, reference] = [await yaw('aflw2000'), await yaw('3ddfa-v2')]
    const golden = JSON.parse(readFileSync(shared('golden/trump_hillary_pose.json')!, 'utf8'))[0]
    expect(reference.yaw).toBeCloseTo(golden.yaw_deg, 1)
    expect(reference.pitch).toBeCloseTo(golden.pitch_deg, 1)
    expect(Math.abs(ours.pitch - reference.pitch)).toBeGreaterThan(2)
    expect([ours.convention, reference.convention]).toEqual(['aflw2000', '3ddfa-v2'])
  })

  it('goes on after broken files, and says so at the end', async () => {
    mkdirSync(at('mixed'))
    copyFileSync(photo, at('mixed', 'good one ü.jpg'))
    writeFileSync(at('mixed', 'broken.jpg'), readFileSync(photo).subarray(0, 60_000))
    writeFileSync(at('mixed', 'empty.png'), '')
    writeFileSync(at('mixed', 'text.png'), 'text')
    const { code, stderr } = await align('mixed', '-o', '2d_sparse,json', '--out', 'mixed out')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Error: mixed\/broken\.jpg is damaged or of an unsupported kind: .+\.$/m)
    expect(stderr).toContain('Error: mixed/empty.png is empty.\n')
    expect(stderr).toMatch(/^1 picture, 2 faces, 3 failed, [\d.]+ s$/m)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(readdirSync(at('mixed out')).sort()).toEqual(['good one ü_2d_sparse.png', 'good one ü_json.json'])
  })

  it('keeps the outputs of inputs with the same name apart', async () => {
    for (const name of ['a', 'b']) {
      mkdirSync(at('same', name), { recursive: true })
      copyFileSync(photo, at('same', name, 'x.jpg'))
    }
    expect(await align('same', '-r', '-o', 'json', '--out', 'same out')).toMatchObject({ code: 0 })
    const files = ['x_json.json', 'x-2_json.json'].map((name) => parse(readFileSync(at('same out', name), 'utf8')))
    expect(files.map(({ images }) => images[0]!.file)).toEqual([join('same', 'a', 'x.jpg'), join('same', 'b', 'x.jpg')])
  })

  it('overwrites no input, and writes nothing then', async () => {
    mkdirSync(at('inputs'))
    for (const name of ['a.jpg', 'a_texture_1.png', 'a_pose.png']) copyFileSync(photo, at('inputs', name))
    symlinkSync('inputs', at('linked'))
    const before = readdirSync(at('inputs'))
    const refused = async (output: string, out: string) => {
      const { code, stderr } = await align('inputs', '-o', output, '--out', out)
      expect(stderr).toMatch(/^Error: The outputs of inputs\/a\.jpg would overwrite the input .*; give another --out/)
      expect(code).toBe(2)
    }
    await refused('texture', 'inputs')
    await refused('pose', 'linked')
    expect(readdirSync(at('inputs'))).toEqual(before)
    for (const name of before) expect(readFileSync(at('inputs', name)).equals(readFileSync(photo))).toBe(true)
  })

  it('says where there is no face, and does not call it a failure', async () => {
    await sharp({ create: { width: 300, height: 200, channels: 3, background: '#558855' } })
      .png()
      .toFile(at('meadow.png'))
    await sharp({ create: { width: 1, height: 1, channels: 3, background: '#558855' } })
      .png()
      .toFile(at('dot.png'))
    const { code, stderr } = await align('meadow.png', 'dot.png', '-o', '3d,json', '--out', 'nobody')
    expect(code).toBe(0)
    expect(stderr).toContain('meadow.png: no face')
    expect(stderr).toContain('dot.png: no face')
    expect(readdirSync(at('nobody')).sort()).toEqual(['dot_json.json', 'meadow_json.json'])
  })

  it("takes upstream's -f, and draws landmarks unless told otherwise", async () => {
    expect(await align('-f', photo, '--out', 'upstream')).toMatchObject({ code: 0 })
    expect(readdirSync(at('upstream'))).toEqual(['trump_hillary_2d_sparse.png'])
  })

  it.each(['ultraface', 'yunet'])('detects with %s, made from local files on its first use', async (detector) => {
    const { code, stdout, stderr } = await align(photo, '--json', '--detector', detector)
    expect(code).toBe(0)
    expect(stderr).toContain(`Made the model ${detector} from local files.\n`)
    expect(parse(stdout)).toMatchObject({ models: { detector }, images: [{ faces: [{}, {}] }] })
  })

  it('takes a checkpoint as published for --model, and gives the same as the model of the store', async () => {
    const faces = async (model: string) => {
      const { images, models } = parse((await align(photo, '--json', '--model', model)).stdout)
      return { faces: images[0]!.faces, regressor: models.regressor }
    }
    const named = await faces('mb05')
    expect(await faces(shared('upstream/3DDFA_V2/weights/mb05_120x120.pth')!)).toEqual({
      ...named,
      regressor: 'mb05_120x120',
    })
  })

  it('gives the same pictures with every backend that works here', async () => {
    for (const backend of ['auto', 'reference'])
      expect(await align(photo, '-o', 'pncc', '--backend', backend, '--out', backend)).toMatchObject({ code: 0 })
    const [fast, slow] = ['auto', 'reference'].map((name) => sharp(at(name, 'trump_hillary_pncc.png')).raw().toBuffer())
    const [a, b] = [await fast!, await slow!]
    const different = a.reduce((count, value, i) => count + (value === b[i] ? 0 : 1), 0)
    // The native decode may lie 0.02 px off, which moves a colour by a level here and there.
    expect(different / a.length).toBeLessThan(0.02)
  })

  it('writes an .obj with material and textures that name each other', async () => {
    const options = ['--obj', 'textured', '--texture-size', '64', '--hidden', 'mirror']
    expect(await align(photo, '-o', 'obj', ...options, '--out', 'textured')).toMatchObject({ code: 0 })
    const [first, second] = ['trump_hillary_obj_1.png', 'trump_hillary_obj_2.png']
    expect(readdirSync(at('textured')).sort()).toEqual([
      'trump_hillary_obj.mtl',
      'trump_hillary_obj.obj',
      first,
      second,
    ])
    expect(readFileSync(at('textured', 'trump_hillary_obj.obj'), 'utf8')).toMatch(/^mtllib trump_hillary_obj\.mtl\n/)
    const maps = readFileSync(at('textured', 'trump_hillary_obj.mtl'), 'utf8').match(/(?<=map_Kd ).+/g)
    expect(maps).toEqual([first, second])
    expect(await sharp(at('textured', first!)).metadata()).toMatchObject({ width: 64, height: 64 })
  })

  it('gives meshes textures as sharp as the photo, and pictures of textures the size of 3DDFA_V2', async () => {
    const side = async (name: string) => (await sharp(at('sharp', name)).metadata()).height
    await sharp(photo).resize({ width: 700 }).toFile(at('small.png'))
    expect(await align(photo, at('small.png'), '-o', 'texture,uv_tex', '--out', 'sharp')).toMatchObject({ code: 0 })
    expect(await side('trump_hillary_texture_1.png')).toBe(512)
    expect(await side('small_texture_1.png')).toBe(256)
    expect(await side('trump_hillary_uv_tex.png')).toBe(256)
  })

  it('leaves neither half a file nor a temporary one when interrupted', async () => {
    mkdirSync(at('many'))
    for (let i = 0; i < 30; i++) copyFileSync(photo, at('many', `${i}.jpg`))
    const args = ['align', 'many', '-o', 'all', '--out', 'stopped']
    const { code } = await run(args, { env, cwd: folder, interruptAfter: /2\.jpg: 2 faces/ })
    expect(code).toBe(130)
    const files = readdirSync(at('stopped'))
    expect(files.length).toBeGreaterThan(2 * OUTPUT_NAMES.length)
    expect(files.length).toBeLessThan(30 * OUTPUT_NAMES.length)
    expect(files.filter((name) => name.startsWith('.'))).toEqual([])
    for (const name of files) {
      if (name.endsWith('_json.json')) parse(readFileSync(at('stopped', name), 'utf8'))
      if (name.endsWith('.png')) await sharp(at('stopped', name), { failOn: 'warning' }).stats()
    }
  })

  describe('fails with one sentence', () => {
    it.each<[string, string[], RegExp]>([
      ['no input', [], /^Error: Expected a picture, folder or glob/],
      ['an unknown output', [photo, '-o', '4d'], /There is no output "4d"; there are 2d_sparse,/],
      ['a number out of range', [photo, '--threads', '0'], /Expected a whole number from 1 to 256/],
      ['an output folder without a name', [photo, '--out', ''], /Expected a folder's path; the current one is: \./],
      [
        'a folder of models that is not there',
        [photo, '--from', 'gone'],
        /^Error: Expected a folder of models after --from but there is none at gone\.$/m,
      ],
      ['an unknown option', [photo, '--nope'], /unknown option '--nope'/],
      [
        'an unknown model',
        [photo, '--model', 'mb7'],
        /There is no model "mb7"; regressors are: open, prnet, mb05, [a-z0-9, -]+, or the path of an \.onnx/,
      ],
      [
        'a model that no command can bring',
        [photo, '--model', 'resnet22'],
        /^Error: This model is not here: resnet22; resnet22\.pth is only on the drives .* import resnet22 --checkpoint/m,
      ],
      [
        'a model that is not here',
        [photo, '--model', 'mb1'],
        /^Error: This model is not here: mb1; bring it with: 3ddfa models pull mb1 \(kept in /m,
      ],
      [
        'a network of another kind',
        [photo, '--model', 'cache/artifacts/faceboxes.onnx'],
        /Expected an output `params`/,
      ],
      ['a missing network', [photo, '--model', 'gone.onnx'], /Expected the path of an existing ONNX file/],
    ])('and exit code 2: %s', async (_, args, sentence) => {
      const { code, stdout, stderr } = await align(...args, '--out', 'never')
      expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(sentence)
      expect(stderr).not.toMatch(/^\s+at /m)
    })

    it('and exit code 2: the models that were asked for are not here', async () => {
      const empty = { TDFA_CACHE_DIR: at('no cache'), TDFA_MODEL_SOURCES: '' }
      const { code, stderr } = await run(['align', photo, '--model', 'mb05'], { env: empty, cwd: folder })
      expect(code).toBe(2)
      expect(stderr).toBe(
        `Error: These models are not here: mb05, faceboxes, bfm; bring them with: 3ddfa models pull mb05 faceboxes bfm (kept in ${at('no cache')})\n`,
      )
    })

    it('but for a reader of results that leaves: the files are made all the same', async () => {
      const child = start(['align', photo, emma, '--jsonl', '-o', 'obj', '--out', 'left'], { env, cwd: folder })
      child.stdout.destroy()
      const { code, stderr } = await outcomeOf(child)
      expect(code).toBe(0)
      expect(stderr).toContain('2 pictures, 5 faces')
      expect(readdirSync(at('left')).sort()).toEqual(['emma_obj.obj', 'trump_hillary_obj.obj'])
    })

    it('and exit code 2: the folder cannot be created', async () => {
      writeFileSync(at('a file'), '')
      const { code, stderr } = await align(photo, '--out', 'a file/sub')
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: 'Error: The folder a file/sub cannot be created: a part of the path is not a folder.\n',
      })
    })

    it('and exit code 1: an output cannot be written', async () => {
      mkdirSync(at('blocked', 'trump_hillary_ply.ply'), { recursive: true })
      const { code, stderr } = await align(photo, '-o', 'ply', '--out', 'blocked')
      expect(code).toBe(1)
      expect(stderr).toContain('trump_hillary_ply.ply is a folder; expected the name of a file.\n')
      expect(readdirSync(at('blocked'))).toEqual(['trump_hillary_ply.ply'])
    })
  })
})
