import { readFileSync } from 'node:fs'
import type { ImageView, Session } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { Builder } from 'flatbuffers'
import { describe, expect, it } from 'vitest'
import { readPicture } from '../../packages/cli/src/images.ts'
import { random } from '../../packages/core/src/testing.ts'
import { createUltraFace } from '../../packages/detector/src/index.ts'
import { shared } from '../../scripts/shared.mjs'
import { FormatError, importOnnxDetector, importTflite, importTfliteUltraFace } from '../src/index.ts'
import { BuiltinOperator } from '../src/tflite/generated/tflite/builtin-operator.ts'
import { TensorType } from '../src/tflite/generated/tflite/tensor-type.ts'
import { OPERATORS } from '../src/tflite/operators/table.ts'

interface Fixture {
  readonly name: string
  readonly operators: readonly string[]
  readonly tflite: string
  readonly input: { readonly dims: number[]; readonly data: string }
  readonly output: { readonly dims: number[]; readonly data: string }
}

/** Made by test-tools/tflite_fixtures.py: networks of seeded noise and what TensorFlow Lite's own interpreter gives. */
const { networks }: { networks: Fixture[] } = JSON.parse(
  readFileSync(new URL('fixtures/tflite.json', import.meta.url), 'utf8'),
)
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const floats = (text: string): Float32Array => new Float32Array(bytes(text).buffer)

/**
 * Where TensorFlow Lite computes otherwise than with real numbers: with 8-bit weights it also rounds what they are multiplied
 * with, for speed; with 8 bits all through it rounds each result, where one step more or less is a matter of the last bit.
 */
const TOLERANCE: Readonly<Record<string, number>> = { byte_weights: 0.02, bytes_all_through: 1.01 / 256 }

describe('TensorFlow Lite networks give what its own interpreter gives', () => {
  it.each(networks.map((fixture) => [fixture.name, fixture] as const))('%s', async (name, fixture) => {
    const session = await createNodeSession(importTflite(bytes(fixture.tflite)), { threads: 1 })
    const { dims, data } = fixture.input
    const outputs = await session.run({ [session.inputs[0]!.name]: { type: 'float32', data: floats(data), dims } })
    await session.dispose()
    const [output] = Object.values(outputs)
    expect(output!.dims).toEqual(fixture.output.dims)
    const expected = floats(fixture.output.data)
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(output!.data[i]))), 0)
    console.log(`${name}: largest difference ${worst.toExponential(1)} (${fixture.operators.join(' ')})`)
    expect(worst).toBeLessThan(TOLERANCE[name] ?? 1e-4)
  })

  it('cover every operator that is supported', () => {
    const seen = networks.flatMap(({ operators }) => operators)
    expect(Object.keys(OPERATORS).filter((kind) => !seen.includes(BuiltinOperator[Number(kind)]!))).toEqual([])
  })
})

/** A model of so many tensors that share their numbers, their name and their list of scales, of these lengths. */
function sharing(tensors: number, numbers: number, letters: number, scales: number): Uint8Array {
  const b = new Builder()
  const bytesOf = (length: number) => b.createByteVector(new Uint8Array(length))
  const offsets = (items: number[]) => {
    b.startVector(4, items.length, 4)
    for (const item of items) b.addOffset(item)
    return b.endVector()
  }
  const ints = (length: number, value: number) => {
    b.startVector(4, length, 4)
    for (let i = 0; i < length; i++) b.addInt32(value)
    return b.endVector()
  }
  const [data, name] = [bytesOf(numbers), b.createString('a'.repeat(letters))]
  const [shape, scale] = [ints(1, Math.max(numbers, scales)), ints(scales, 0x3f800000)]
  b.startObject(1)
  b.addFieldOffset(0, data, 0)
  const buffer = b.endObject()
  b.startObject(7)
  b.addFieldOffset(2, scale, 0)
  const quantization = b.endObject()
  b.startObject(10)
  b.addFieldOffset(0, shape, 0)
  b.addFieldInt8(1, TensorType.UINT8, 0)
  b.addFieldOffset(3, name, 0)
  b.addFieldOffset(4, quantization, 0)
  const tensor = b.endObject()
  const list = offsets(Array(tensors).fill(tensor))
  b.startObject(5)
  b.addFieldOffset(0, list, 0)
  const graph = b.endObject()
  const [graphs, buffers] = [offsets([graph]), offsets([buffer])]
  b.startObject(8)
  b.addFieldInt32(0, 3, 0)
  b.addFieldOffset(2, graphs, 0)
  b.addFieldOffset(4, buffers, 0)
  b.finish(b.endObject(), 'TFL3')
  return b.asUint8Array()
}

describe('Files that are not what they should be', () => {
  const [first] = networks
  const model = bytes(first!.tflite)

  it('are refused by name', () => {
    expect(() => importTflite(Uint8Array.of(1, 2, 3))).toThrow('is not a TensorFlow Lite model')
    expect(() => importTflite(model.subarray(0, 40))).toThrow(FormatError)
  })

  it.each<[string, [number, number, number], RegExp]>([
    ['constants', [1000, 0, 0], /its constants are larger than the file/],
    ['names', [0, 1000, 0], /its lists or names overlap/],
    ['lists', [0, 0, 1000], /its lists or names overlap/],
  ])('%s that are one and the same a hundred times are refused', (_, lengths, message) => {
    expect(() => importTflite(sharing(1, ...lengths))).not.toThrow()
    expect(() => importTflite(sharing(100, ...lengths))).toThrow(message)
  })

  it('an operator that is not supported is named', () => {
    // The operator codes hold the byte of CONV_2D (3); 78 is POW.
    const changed = networks.flatMap(() => {
      const copy = model.slice()
      const at = copy.findIndex((byte, i) => byte === 3 && operatorsChange(copy, i))
      return at < 0 ? [] : [at]
    })
    expect(changed.length).toBeGreaterThan(0)
  })

  /** Whether another byte at `i` makes the operator POW of the first convolution. */
  function operatorsChange(copy: Uint8Array, i: number): boolean {
    const old = copy[i]!
    copy[i] = 78
    try {
      importTflite(copy)
    } catch (error) {
      if (
        error instanceof FormatError &&
        /uses POW, which is not supported; these operators are: .*CONV_2D/.test(error.message)
      )
        return true
    } finally {
      copy[i] = old
    }
    return false
  }

  it('damage anywhere gives a FormatError or a network, never anything else, and soon', () => {
    const next = random(9)
    let refused = 0
    for (let i = 0; i < 1200; i++) {
      const fixture = bytes(networks[i % networks.length]!.tflite)
      for (let k = 0; k < 1 + (i % 3); k++) fixture[Math.floor(next() * fixture.length)] = Math.floor(next() * 256)
      try {
        importTflite(i % 10 === 0 ? fixture.subarray(0, Math.floor(next() * fixture.length)) : fixture)
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(100)
  }, 60_000)
})

// Where the folder is here, a missing file is a failure and no reason to skip.
const root = shared('.')
const lite = `${root}/upstream/Dense-Head-Pose-Estimation/weights/RFB-320.tflite`
const original = `${root}/upstream/detectors/ultraface/version-RFB-320_without_postprocessing.onnx`
const pictures = ['trump_hillary.jpg', 'emma.jpg'].map((name) => `${root}/images/${name}`)
const why = root ? '' : ' (skipped: ../shared is not here)'

describe.skipIf(why !== '')(`RFB-320.tflite${why}`, () => {
  const load = (model: Uint8Array): Promise<Session> => createNodeSession(model, { threads: 1 })

  it('finds the same boxes as RFB-320.onnx', async () => {
    const detectors = await Promise.all(
      [
        importTfliteUltraFace({ model: readFileSync(lite) }),
        importOnnxDetector({ model: readFileSync(original) }, 'ultraface'),
      ].map(async (model) => createUltraFace(await load(model))),
    )
    let worst = 0
    for (const path of pictures) {
      const { image }: { image: ImageView } = await readPicture(path, { maxPixels: 1e8 })
      const [ours, theirs] = await Promise.all(detectors.map((detector) => detector.detect(image)))
      expect(ours!.length).toBe(theirs!.length)
      expect(ours!.length).toBeGreaterThan(1)
      ours!.forEach(({ x1, y1, x2, y2, score }, i) => {
        const other = theirs![i]!
        expect(Math.abs(score - other.score)).toBeLessThan(1e-4)
        worst = Math.max(worst, ...[x1 - other.x1, y1 - other.y1, x2 - other.x2, y2 - other.y2].map(Math.abs))
      })
    }
    await Promise.all(detectors.map((detector) => detector.dispose()))
    console.log(`RFB-320 boxes: largest difference ${worst.toExponential(1)} px (bound 0.05)`)
    expect(worst).toBeLessThan(0.05)
  })
})
