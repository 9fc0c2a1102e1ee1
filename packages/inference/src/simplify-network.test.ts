import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createNodeSession, simplifyNetwork } from './node.ts'

const network = readFileSync(new URL('../../../models/open/detector.onnx', import.meta.url))
const left = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('3ddfa-simplify-'))

describe('simplifyNetwork', () => {
  it('gives a network of the same inputs and outputs whose weights are float32', async () => {
    const before = left()
    const simple = await simplifyNetwork(network)
    expect(simple.length).toBeGreaterThan(1.5 * network.length)
    const [one, other] = [await createNodeSession(network), await createNodeSession(simple)]
    expect(other.inputs).toEqual(one.inputs)
    expect(other.outputs).toEqual(one.outputs)
    await one.dispose()
    await other.dispose()
    expect(left()).toEqual(before)
  })

  it('says in one sentence what is no network, and leaves nothing behind', async () => {
    const before = left()
    await expect(simplifyNetwork(network.subarray(0, 999))).rejects.toThrow(
      /^Could not simplify the network of 999 bytes: /,
    )
    expect(left()).toEqual(before)
  })
})
