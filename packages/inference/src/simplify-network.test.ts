import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createNodeSession, simplifyNetwork } from './node.ts'

const network = readFileSync(new URL('../../../models/open/detector.onnx', import.meta.url))

describe('simplifyNetwork', () => {
  const temporary = mkdtempSync(join(tmpdir(), '3ddfa-inference-'))
  beforeAll(() => {
    for (const name of ['TMPDIR', 'TEMP']) vi.stubEnv(name, temporary)
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true })
  })

  it('gives a network of the same inputs and outputs whose weights are float32', async () => {
    const simple = await simplifyNetwork(network)
    expect(simple.length).toBeGreaterThan(1.5 * network.length)
    const [one, other] = [await createNodeSession(network), await createNodeSession(simple)]
    expect(other.inputs).toEqual(one.inputs)
    expect(other.outputs).toEqual(one.outputs)
    await one.dispose()
    await other.dispose()
    expect(readdirSync(temporary)).toEqual([])
  })

  it('says in one sentence what is no network, and leaves nothing behind', async () => {
    await expect(simplifyNetwork(network.subarray(0, 999))).rejects.toThrow(
      /^Could not simplify the network of 999 bytes: /,
    )
    expect(readdirSync(temporary)).toEqual([])
  })
})
