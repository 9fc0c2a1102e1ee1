import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importUvTopology, readUvTopology, type UvModel, type UvTopologyFiles, writeSafetensors } from '@3ddfa/models'
import { loadUvTopology, openModelStore } from '@3ddfa/models/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shared } from '../../scripts/shared.mjs'

const sources = shared('upstream')

describe.skipIf(!sources)(`PRNet's UV mesh${sources ? '' : ' (skipped: ../shared/upstream is not here)'}`, () => {
  const cacheDir = mkdtempSync(join(tmpdir(), '3ddfa-uv-'))
  let uv: UvModel
  beforeAll(async () => {
    uv = await loadUvTopology(openModelStore({ cacheDir, sources: [sources!], offline: true }))
  })
  afterAll(() => rmSync(cacheDir, { recursive: true, force: true }))

  it('has the published numbers of vertices, triangles and points', () => {
    const { topology, correspondence } = uv
    expect(topology).toMatchObject({ id: 'prnet-uv-256', size: 256 })
    expect([topology.cells.length, topology.triangles.length / 3]).toEqual([43_867, 86_907])
    expect(correspondence.vertexCount).toBe(38_365)
    // The corner of the right eye is left of that of the left eye, and above the chin.
    const [right, left, chin] = [36, 45, 8]
      .map((i) => topology.landmarks[i]!)
      .map((v) => topology.canonical.subarray(3 * v))
    expect(right![0]).toBeLessThan(left![0]!)
    expect(right![1]).toBeLessThan(chin![1]!)
  })

  it('winds as the morphable model does: the front of the mean face faces the viewer', () => {
    const { triangles, canonical } = uv.topology
    const signs = [0, 0, 0]
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [0, 1, 2].map((k) => 3 * triangles[t + k]!) as [number, number, number]
      const area =
        (canonical[b]! - canonical[a]!) * (canonical[c + 1]! - canonical[a + 1]!) -
        (canonical[b + 1]! - canonical[a + 1]!) * (canonical[c]! - canonical[a]!)
      signs[1 + Math.sign(area)]!++
    }
    // Some of the published mean face's vertices lie on each other; ears and nostrils face away.
    expect(signs[2]! / (signs[0]! + signs[2]!)).toBeGreaterThan(0.9)
  })

  it('stands on the model but for some neck', () => {
    const { weights } = uv.correspondence
    let absent = 0
    for (let i = 0; i < weights.length; i += 3) {
      const sum = weights[i]! + weights[i + 1]! + weights[i + 2]!
      if (sum === 0) absent++
      else expect(Math.abs(sum - 1)).toBeLessThan(1e-6)
    }
    expect(absent).toBe(1201)
  })
})

describe('UV topologies from strangers', () => {
  const text = (words: string) => new TextEncoder().encode(words)

  it('are refused when they are cut short, hold no numbers or lack a tensor', () => {
    const none = new Uint8Array()
    const files = {
      cells: none,
      landmarks: none,
      canonical: none,
      triangles: none,
      corners: none,
      weights: none,
      indices: none,
    }
    const refusal = (changes: Partial<UvTopologyFiles>) => () => importUvTopology({ ...files, ...changes })
    expect(refusal({ cells: text('1 2 3') })).toThrow('Expected 43867 numbers in face_ind.txt but received 3.')
    expect(refusal({ cells: text('x '.repeat(43_867)) })).toThrow('Expected numbers in face_ind.txt but received x.')
    expect(() => readUvTopology(writeSafetensors({ tensors: {}, metadata: { id: 'x' } }))).toThrow(/lacks cells/)
  })

  it('are refused when an index is out of range', () => {
    const tensors = {
      cells: { data: Uint32Array.of(0, 1, 2), shape: [3] },
      triangles: { data: Uint32Array.of(0, 1, 3), shape: [1, 3] },
      landmarks: { data: new Uint32Array(68), shape: [68] },
      canonical: { data: new Float32Array(9), shape: [3, 3] },
      corners: { data: new Uint32Array(9), shape: [3, 3] },
      weights: { data: new Float32Array(9), shape: [3, 3] },
    }
    const metadata = { id: 'x', size: '2', vertices: '5' }
    expect(() => readUvTopology(writeSafetensors({ tensors, metadata }))).toThrow(/a number below 3/)
  })
})
