// All that a machine can do without the network and without anybody else's models and pictures.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AlignResult } from '@3ddfa/core'
import { readMorphableModel } from '@3ddfa/models'
import { facePath, regressorPath } from '@3ddfa/open-models/node'
import { Ajv2020 } from 'ajv/dist/2020.js'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'
import { OUTPUT_NAMES, outputPath } from '../src/outputs/names.ts'
import { ffmpegNote, hasFfmpeg, runFfmpeg } from '../src/video/testing.ts'
import { run } from './command.ts'

const sample = fileURLToPath(new URL('../../web-demo/public/sample.png', import.meta.url))
const schemaFile = new URL('../../core/schema/align-result.json', import.meta.url)
const isValid = new Ajv2020().compile(JSON.parse(readFileSync(schemaFile, 'utf8')))
const model = readMorphableModel(readFileSync(facePath))

describe('3ddfa with the open pack alone', () => {
  const folder = temporaryFolder('e2e')
  const env = { TDFA_CACHE_DIR: join(folder, 'cache'), TDFA_MODEL_SOURCES: '', TDFA_SHARED: '/nonexistent' }
  const at = (...names: string[]) => join(folder, ...names)
  const command = (...args: string[]) => run(args, { env, cwd: folder })

  beforeAll(() => copyFileSync(sample, at('sample.png')))

  it('says so, and writes every output', async () => {
    const { code, stdout, stderr } = await command('align', 'sample.png', '-o', 'all', '--out', 'every')
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^Models: the open pack, .* bring them with: 3ddfa models pull$/m)
    expect(stderr).toContain('2 faces')
    const { width, height } = await sharp(sample).metadata()
    for (const output of OUTPUT_NAMES) {
      const file = at(outputPath(join('every', 'sample'), output))
      expect(existsSync(file), output).toBe(true)
      if (output === 'ply') expect(readFileSync(file, 'latin1')).toContain(`element vertex ${2 * model.vertexCount}`)
      else if (['2d_sparse', '2d_dense', '3d', 'depth', 'pncc', 'pose'].includes(output))
        expect(await sharp(file).metadata()).toMatchObject({ width, height, channels: 3 })
    }
    expect(await differing(sample, at('every', 'sample_3d.png'))).toBeGreaterThan(0.08)
    expect(existsSync(at('cache', 'artifacts'))).toBe(false)
  })

  it('runs its networks in WebAssembly when told to, with the same result', async () => {
    const web = ['--runtime', 'onnxruntime-web']
    const said = await command('align', 'sample.png', '--json', '--verbose', ...web)
    expect(said.code, said.stderr).toBe(0)
    expect(said.stderr).toContain('Networks run in onnxruntime-web.')
    const { stdout } = await command('align', 'sample.png', '--json')
    const [ours, native] = [said.stdout, stdout].map((text) => (JSON.parse(text) as AlignResult).images[0]!.faces!)
    expect(ours).toHaveLength(2)
    const expected = native!.flatMap(({ landmarks }) => landmarks.flat())
    const apart = ours!.flatMap(({ landmarks }) => landmarks.flat()).map((value, i) => Math.abs(value - expected[i]!))
    // Sums in another order; the larger face is 245 pixels wide.
    expect(Math.max(...apart)).toBeGreaterThan(0)
    expect(Math.max(...apart)).toBeLessThan(0.1)
    mkdirSync(at('one'))
    copyFileSync(sample, at('one/sample.png'))
    const batch = await command('batch', 'one', '--out', 'wasm', '--workers', '1', ...web)
    expect(batch.code, batch.stderr).toBe(0)
    const [line] = readFileSync(at('wasm/results.jsonl'), 'utf8').split('\n')
    expect(JSON.parse(line!).faces[0].landmarks).toEqual(ours![0]!.landmarks)
  })

  it('writes expressions as morph targets when told to', async () => {
    const { code, stderr } = await command('align', 'sample.png', '-o', 'glb', '--morph-targets', '--out', 'morph')
    expect(code, stderr).toBe(0)
    const glb = readFileSync(at('morph/sample_glb.glb'))
    const { meshes, materials } = JSON.parse(glb.toString('utf8', 20, 20 + glb.readUInt32LE(12)))
    expect(meshes).toHaveLength(2)
    for (const { weights, extras, primitives } of meshes) {
      expect(extras.targetNames).toContain('jawOpen')
      expect(weights).toHaveLength(32)
      const parts = primitives.map((part: { material: number; targets: unknown[] }) => [
        materials[part.material].name,
        part.targets.length,
      ])
      expect(parts).toEqual([
        ['skin', 32],
        ['mouth', 32],
      ])
      expect(Math.max(...weights)).toBeGreaterThan(0.05)
    }
  })

  it('says how small faces are found, and finds them so', async () => {
    // Both faces a 180th of the width and less.
    const small = await sharp(sample).resize(128).toBuffer()
    await sharp({ create: { width: 6000, height: 400, channels: 3, background: '#777777' } })
      .composite([{ input: small, left: 1800, top: 150 }])
      .png()
      .toFile(at('far.png'))
    const far = await command('align', 'far.png', '--out', 'far')
    expect(far.stderr).toContain('far.png: no face\n  Faces that are small in it may be found with --detect-size 6000.')
    const closer = await command('align', 'far.png', '--out', 'far', '--detect-size', '6000')
    expect(closer.stderr).toContain('far.png: 2 faces')
    expect((await command('align', 'sample.png', '--out', 'far')).stderr).not.toContain('--detect-size')
  })

  it('bench compares the runtimes', async () => {
    const short = '--seconds 0.02 --rounds 3 --stage regress --processes 0 --format json --detect-size 320'.split(' ')
    const { code, stdout, stderr } = await command('bench', 'images', 'sample.png', '--runtime', 'all', ...short)
    expect(code, stderr).toBe(0)
    const { results, ratios, machine, conditions } = JSON.parse(stdout)
    expect(conditions).toMatchObject({ model: 'open', 'detect size': 320 })
    expect(results).toHaveLength(2)
    const version = expect.stringMatching(/^\d+\.\d+\.\d+/)
    expect(machine.versions).toMatchObject({ 'onnxruntime-node': version, 'onnxruntime-web': version })
    expect(ratios).toMatchObject([
      { by: 'runtime', a: { runtime: 'onnxruntime-node' }, b: { runtime: 'onnxruntime-web' } },
    ])
    expect(ratios[0].ratio.median).toBeGreaterThan(1)
    const wrong = await command('bench', 'images', 'sample.png', '--runtime', 'tflite')
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no runtime "tflite"') })
    const missing = await command('bench', 'images', 'sample.png', '--detector', 'yunet', '--processes', '0')
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('3ddfa models pull yunet') })
  })

  it('makes a network of 8 bits of its regressor, which says nearly the same', async () => {
    const made = await command('models', 'quantize', regressorPath, 'open8.onnx', '--pictures', 'sample.png')
    expect(made.code, made.stderr).toBe(0)
    expect(made.stderr).toContain('open8.onnx is ready: 1.1 MB')
    const landmarks = async (name: string): Promise<readonly number[]> => {
      const { stdout } = await command('align', 'sample.png', '--json', '--model', name)
      return (JSON.parse(stdout) as AlignResult).images[0]!.faces![0]!.landmarks.flat()
    }
    const [float, bytes] = [await landmarks('open'), await landmarks('open:open8.onnx')]
    const apart = float.map((value, i) => Math.abs(value - bytes[i]!))
    // The face is 245 pixels wide.
    expect(Math.max(...apart)).toBeGreaterThan(0)
    expect(Math.max(...apart)).toBeLessThan(5)
    const again = await command('models', 'quantize', 'open8.onnx', 'more.onnx', '--pictures', 'sample.png')
    expect(again.code).not.toBe(0)
    expect(again.stderr).toMatch(/^Error: Expected a network of convolutions/m)
    expect(existsSync(at('more.onnx'))).toBe(false)
  })

  it('names models and expressions in the JSON', async () => {
    const { code, stdout } = await command('align', 'sample.png', '--json', '--model', 'open', '--flip')
    const result = JSON.parse(stdout) as AlignResult
    expect(isValid(result), JSON.stringify(isValid.errors)).toBe(true)
    expect({ code, models: result.models }).toEqual({
      code: 0,
      models: { detector: 'open', regressor: 'open', morphableModel: model.id },
    })
    for (const { expression, params } of result.images[0]!.faces!) {
      expect(Object.keys(expression!)).toEqual(model.expressionNames)
      expect(Object.values(expression!).at(-1)).toBeCloseTo(params.at(-1)!, 3)
    }
  })

  it("takes a regressor of one's own for the open face model", async () => {
    copyFileSync(regressorPath, at('mine.onnx'))
    const { code, stdout, stderr } = await command('align', 'sample.png', '--json', '--model', 'open:mine.onnx')
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout).models).toEqual({ detector: 'open', regressor: 'mine', morphableModel: model.id })
  })

  it('needs a detector that was named', async () => {
    const { code, stderr } = await command('align', 'sample.png', '--detector', 'yunet')
    expect(code).toBe(2)
    expect(stderr).toContain('This model is not here: yunet; bring it with: 3ddfa models pull yunet')
  })

  it('doctor finds that align can run', async () => {
    const { code, stdout } = await command('doctor', '--json')
    const { canAlign, checks } = JSON.parse(stdout)
    expect({ code, canAlign }).toEqual({ code: 0, canAlign: true })
    const open = checks.filter(({ name }: { name: string }) => name.startsWith('open '))
    expect(open.map(({ ok, needed }: { ok: boolean; needed: boolean }) => [ok, needed])).toEqual(
      Array(3).fill([true, true]),
    )
    expect((await command('models', 'list')).stdout).toContain('--model open')
  })

  it('does a batch, each thread with the same models', async () => {
    mkdirSync(at('album'))
    for (const name of ['a', 'b', 'c']) copyFileSync(sample, at('album', `${name}.png`))
    const { code, stderr } = await command('batch', 'album', '--out', 'faces', '-o', 'glb', '--workers', '2')
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('3 pictures, 6 faces')
    expect(JSON.parse(readFileSync(at('faces', 'batch.json'), 'utf8'))).toMatchObject({
      models: { regressor: 'open', detector: 'open' },
      options: { model: 'open', detector: 'open' },
    })
    expect(readdirSync(at('faces')).filter((name) => name.endsWith('.glb'))).toHaveLength(3)
  })

  it.skipIf(!hasFfmpeg)(`follows faces in a video${ffmpegNote}`, async () => {
    // A camera that moves to the side before the picture.
    const pan = "crop=640:480:x='40+4*n':y=60"
    const make = ['-loop', '1', '-i', 'sample.png', '-vf', pan, '-frames:v', '20', '-pix_fmt', 'yuv420p']
    runFfmpeg(folder, ...make, '-r', '25', 'pan.mp4')
    const made = ['--out', 'mesh.mp4', '--json', 'pan.jsonl', '--glb', 'pan.glb']
    const { code, stderr } = await command('video', 'pan.mp4', '-o', 'mesh', ...made)
    expect(code, stderr).toBe(0)
    const [header, ...frames] = readFileSync(at('pan.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(header.models).toMatchObject({ regressor: 'open', detector: 'open' })
    expect(frames).toHaveLength(20)
    for (const { faces } of frames) {
      expect(faces.length).toBeGreaterThan(0)
      expect(faces[0].id).toBe(1)
      expect(Object.keys(faces[0].expression)).toEqual(model.expressionNames)
    }
    expect(readFileSync(at('pan.glb'), 'latin1').slice(0, 4)).toBe('glTF')
  })
})

/** Part of the pixels that are not the same. */
async function differing(a: string, b: string): Promise<number> {
  const [x, y] = await Promise.all([a, b].map((path) => sharp(path).removeAlpha().raw().toBuffer()))
  let count = 0
  for (let i = 0; i < x!.length; i += 3) if (x![i] !== y![i] || x![i + 1] !== y![i + 1]) count++
  return count / (x!.length / 3)
}
