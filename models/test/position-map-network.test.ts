import { readFileSync } from 'node:fs'
import { createNodeSession } from '@3ddfa/inference/node'
import { describe, expect, it } from 'vitest'
import { random } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import {
  FormatError,
  importPositionMapNetwork,
  positionMapVariables,
  readCheckpointIndex,
  readCheckpointVariable,
} from '../src/index.ts'
import { maskedCrc32c } from '../src/tensorflow/crc32c.ts'
import { checkpointFile, table } from './checkpoint-file.ts'
import { prnetForward, prnetWeights } from './prnet.ts'

const text = (bytes: string): Uint8Array => new TextEncoder().encode(bytes)

describe('TensorFlow checkpoints', () => {
  /** Written by TensorFlow itself: test-tools/prnet_checkpoint.py bundle. */
  const fixture = JSON.parse(readFileSync(new URL('fixtures/checkpoint.json', import.meta.url), 'utf8'))
  const index = Uint8Array.from(Buffer.from(fixture.index, 'base64'))
  const data = Uint8Array.from(Buffer.from(fixture.data, 'base64'))

  it('are read with names, shapes and numbers as TensorFlow wrote them', () => {
    const variables = readCheckpointIndex(index)
    expect([...variables.keys()].sort()).toEqual(Object.keys(fixture.values).sort())
    for (const [name, { shape, data: expected }] of Object.entries<{ shape: number[]; data: number[] }>(
      fixture.values,
    )) {
      const variable = readCheckpointVariable(variables.get(name)!, data)
      expect(variable.shape).toEqual(shape)
      expect(Array.from(variable.data as Float32Array, Number)).toEqual(expected)
    }
    expect(variables.get('counts')?.type).toBe('DT_INT32')
  })

  it('have checksums as in RFC 3720 (B.4), masked', () => {
    // 32 zero bytes give 0x8a9136aa.
    const plain = 0x8a9136aa
    expect(maskedCrc32c(new Uint8Array(32))).toBe((((plain >>> 15) | (plain << 17)) + 0xa282ead8) >>> 0)
    expect(maskedCrc32c(new Uint8Array(10), new Uint8Array(22))).toBe(maskedCrc32c(new Uint8Array(32)))
  })

  it('that are damaged, compressed or something else are refused', () => {
    const [first] = readCheckpointIndex(index).values()
    expect(() =>
      readCheckpointVariable(
        first!,
        data.map((byte) => byte ^ 1),
      ),
    ).toThrow(/checksum of .* does not fit/)
    expect(() => readCheckpointVariable(first!, data.subarray(0, first!.offset))).toThrow('cut short')
    expect(() => readCheckpointIndex(data)).toThrow('not a TensorFlow checkpoint index')
    expect(() => readCheckpointIndex(table([['', new Uint8Array(0)]], 1))).toThrow('is compressed')
    expect(() => readCheckpointIndex(table([['', Uint8Array.of(8, 1)]], 0, 100))).toThrow('blocks overlap')
    expect(() => readCheckpointIndex(table([['a', new Uint8Array(0)]]))).toThrow('lacks its header')
    expect(() => readCheckpointIndex(table([['', Uint8Array.of(8, 2)]]))).toThrow('2 files')
    expect(() =>
      readCheckpointIndex(
        table([
          ['', Uint8Array.of(8, 1)],
          ['a', text('text')],
        ]),
      ),
    ).toThrow(FormatError)
  })

  it('damage anywhere in the index gives a FormatError', () => {
    const next = random(4)
    let refused = 0
    for (let i = 0; i < 2000; i++) {
      const copy = index.slice()
      // Half of them in the handles at the end, which no checksum covers.
      const at = i % 2 ? Math.floor(next() * copy.length) : copy.length - 48 + Math.floor(next() * 40)
      copy[at] = Math.floor(next() * 256)
      try {
        readCheckpointIndex(copy)
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(1000)
  })
})

describe("PRNet's network", () => {
  const next = random(21)
  const weights = prnetWeights(next, 2)

  it('with seeded weights gives what plain arithmetic gives', async () => {
    const session = await createNodeSession(importPositionMapNetwork(checkpointFile(weights)), { threads: 1 })
    const bytes = 3 * 256 * 256
    const image = Uint8Array.from({ length: 2 * bytes }, () => next() * 256)
    const { positions } = await session.run({ image: { type: 'uint8', data: image, dims: [2, 256, 256, 3] } })
    await session.dispose()
    expect(positions!.dims).toEqual([2, 256, 256, 3])
    // The second of a batch of two.
    const { data } = prnetForward(weights, image.subarray(bytes))
    let [worst, low, high] = [0, Infinity, -Infinity]
    for (let i = 0; i < bytes; i++) {
      const expected = data[(i % 3) * 65_536 + Math.floor(i / 3)]!
      worst = Math.max(worst, Math.abs(Number(positions!.data[bytes + i]) - expected) / 281.6)
      ;[low, high] = [Math.min(low, expected), Math.max(high, expected)]
    }
    console.log(
      `PRNet: largest difference ${worst.toExponential(1)} of the output (bound 1e-4), values ${low.toFixed()} to ${high.toFixed()} px`,
    )
    expect(high - low).toBeGreaterThan(50)
    expect(worst).toBeLessThan(1e-4)
  }, 60_000)

  it('says what a checkpoint lacks', () => {
    const { 'resfcn256/resBlock_3/Conv_1/weights': _, ...rest } = weights
    expect(() => importPositionMapNetwork(checkpointFile(rest))).toThrow(
      "The checkpoint is not PRNet's: resfcn256/resBlock_3/Conv_1/weights is missing, expected (4, 4, 4, 4).",
    )
  })

  // Where the folder is here, a missing file is a failure and no reason to skip.
  const upstream = shared('upstream')
  it.skipIf(!upstream)(
    `the published index lists every variable${upstream ? '' : ' (skipped: ../shared/upstream is not here)'}`,
    () => {
      const variables = readCheckpointIndex(readFileSync(`${upstream}/PRNet/net-data/256_256_resfcn256_weight.index`))
      const expected = positionMapVariables()
      for (const { name, shape } of expected) expect([name, variables.get(name)?.shape]).toEqual([name, shape])
      const others = [...variables.keys()].filter((name) => !expected.some((variable) => variable.name === name))
      expect(others.filter((name) => !/\/Adam(_1)?$|^beta[12]_power$/.test(name))).toEqual([])
      const numbers = expected.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
      expect([variables.size, expected.length, numbers]).toEqual([545, 245, 13_365_508])
    },
  )
})
