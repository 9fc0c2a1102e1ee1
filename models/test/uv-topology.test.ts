import { readFileSync } from 'node:fs'
import {
  canonicalVertices,
  createUvChart,
  faceSize,
  type MorphableModel,
  pickLandmarks,
  poseFromParams,
  poseFromVertices,
  positionMapOfGrid,
  positionMapOfTopology,
  ReferenceBackend,
  splitParams,
  UvResampler,
  uvMeshOf,
  verticesOfPositionMap,
} from '@3ddfa/core'
import { importUvTopology, readUvTopology, type UvModel, type UvTopologyFiles, writeSafetensors } from '@3ddfa/models'
import { loadMorphableModel, loadUvTopology, openModelStore } from '@3ddfa/models/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { interleave, parseNpy } from '../../packages/core/src/testing.ts'
import { shared } from '../../scripts/shared.mjs'
import { temporaryFolder } from '../../scripts/temporary-folder.mjs'

const sources = shared('upstream')

describe.skipIf(!sources)(`PRNet's UV mesh${sources ? '' : ' (skipped: ../shared/upstream is not here)'}`, () => {
  const cacheDir = temporaryFolder('uv')
  let uv: UvModel
  beforeAll(async () => {
    uv = await loadUvTopology(openModelStore({ cacheDir, sources: [sources!], offline: true }))
  })

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

const backend = new ReferenceBackend()
const standIn = shared('standin')
const golden = shared('golden')
const here = sources && standIn && golden

describe.skipIf(!here)(
  `PRNet-style results of the face model${here ? '' : ' (skipped: ../shared is not here)'}`,
  () => {
    const cacheDir = temporaryFolder('uv')
    const faces: Float32Array[] = []
    const params: Float32Array[] = []
    let uv: UvModel
    let model: MorphableModel
    beforeAll(async () => {
      const store = openModelStore({ cacheDir, sources: [sources!, standIn!], offline: true, onWarning: () => {} })
      ;[uv, model] = await Promise.all([loadUvTopology(store), loadMorphableModel(store)])
      const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`)).data
      for (const [name, count] of [
        ['trump_hillary', 2],
        ['emma', 3],
      ] as const)
        for (let i = 0; i < count; i++) {
          faces.push(interleave(npy(`${name}_dense`), 38_365, i))
          params.push(Float32Array.from(npy(`${name}_param`).subarray(62 * i, 62 * (i + 1))))
        }
    })

    /** To the bit; `toEqual` takes seconds for so many numbers. */
    const isSame = (a: Float32Array, b: Float32Array): boolean => Buffer.from(a.buffer).equals(Buffer.from(b.buffer))

    /** Distances in pixels, rising. */
    function distances(a: Float32Array, b: Float32Array): Float64Array {
      const out = new Float64Array(a.length / 3)
      for (let i = 0; i < out.length; i++)
        out[i] = Math.hypot(a[3 * i]! - b[3 * i]!, a[3 * i + 1]! - b[3 * i + 1]!, a[3 * i + 2]! - b[3 * i + 2]!)
      return out.sort()
    }

    it('have a 256 x 256 x 3 position map that gives all vertices back to the bit', () => {
      const resampler = new UvResampler(uv.topology, uv.correspondence)
      for (const face of faces) {
        const vertices = resampler.resample(face)
        const map = positionMapOfGrid(uv.topology, vertices)
        expect([map.size, map.data.length]).toEqual([256, 256 * 256 * 3])
        expect(isSame(verticesOfPositionMap(map, uv.topology), vertices)).toBe(true)
      }
    })

    it.each([256, 257, 300, 384, 511, 512, 768, 1000, 1024])(
      'come back from a map of %i cells to the bit, all 43,867 vertices',
      (size) => {
        const resampler = new UvResampler(uv.topology, uv.correspondence)
        for (const face of size === 1024 ? faces : faces.slice(0, 1)) {
          const vertices = resampler.resample(face)
          const map = positionMapOfTopology(uv.topology, vertices, size, backend)
          expect(isSame(verticesOfPositionMap(map, uv.topology), vertices)).toBe(true)
        }
      },
    )

    it('lie in a larger map as in the small one: no cell far from the four vertices around it', () => {
      const vertices = new UvResampler(uv.topology, uv.correspondence).resample(faces[0]!)
      const { size, data } = positionMapOfTopology(uv.topology, vertices, 1024, backend)
      const small = positionMapOfGrid(uv.topology, vertices).data
      const { ids } = createUvChart(uvMeshOf(uv.topology, size), size, backend)
      let [inside, worst] = [0, 0]
      ids.forEach((id, cell) => {
        if (id < 0) return
        inside++
        const corners = uv.topology.triangles.subarray(3 * id, 3 * id + 3)
        for (let k = 0; k < 3; k++) {
          const values = Array.from(corners, (vertex) => small[3 * uv.topology.cells[vertex]! + k]!)
          const value = data[3 * cell + k]!
          worst = Math.max(worst, value - Math.max(...values), Math.min(...values) - value)
        }
      })
      expect(inside).toBeGreaterThan(600_000)
      expect(worst).toBeLessThan(0.001)
    })

    it('have the 68 points where the face model has them, to a hundredth of the face', () => {
      const resampler = new UvResampler(uv.topology, uv.correspondence)
      for (const face of faces) {
        const sorted = distances(pickLandmarks(uv.topology, resampler.resample(face)), pickLandmarks(model, face))
        expect(sorted[34]! / faceSize(face)).toBeLessThan(0.005)
        expect(sorted.at(-1)! / faceSize(face)).toBeLessThan(0.015)
      }
    })

    it('have a pose from all vertices within a degree of that of the parameters', () => {
      const resampler = new UvResampler(uv.topology, uv.correspondence)
      faces.forEach((face, i) => {
        const { rotation } = poseFromParams(splitParams(model, params[i]!))
        for (const [vertices, canonical] of [
          [face, canonicalVertices(model)],
          [resampler.resample(face), uv.topology.canonical],
        ] as const)
          for (const options of [{}, { robust: true }, { fit: 'affine' }, { fit: 'affine', robust: true }] as const) {
            const found = poseFromVertices(vertices, canonical, options).rotation
            const trace = rotation.reduce((sum, r, k) => sum + r * found[k]!, 0)
            const angle = (Math.acos(Math.min(1, (trace - 1) / 2)) * 180) / Math.PI
            worst = Math.max(worst, angle)
            expect(angle).toBeLessThan(1)
          }
      })
      console.log(`pose from vertices: at most ${worst.toFixed(2)} degrees from that of the parameters`)
    })
    let worst = 0
  },
)

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
