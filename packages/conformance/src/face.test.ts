import { readFileSync } from 'node:fs'
import { type Backend, LIGHT_DEFAULTS, type MorphableModel, ReferenceBackend, splitParams } from '@3ddfa/core'
import { importMorphableModel, readMorphableModel } from '@3ddfa/models'
import { createNativeBackend } from '@3ddfa/render-native'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { interleave, parseNpy } from '../../core/src/testing.ts'
import { largestError } from './compare.ts'
import { decodeCheck, litChecks, posedScenes, renderChecks } from './index.ts'

const [golden, standin] = [shared('golden'), shared('standin/bfm_noneck_v3.pkl')]
const missing = !golden || !standin
const title = missing ? ' (skipped: ../shared is not here)' : ''

function faceModel(): MorphableModel {
  const file = (name: string) => readFileSync(shared(`upstream/3DDFA_V2/configs/${name}`)!)
  const [tri, ncc, uv, indices] = ['tri.pkl', 'ncc_code.npy', 'BFM_UV.mat', 'indices.npy'].map(file)
  const files = { bfm: readFileSync(standin!), tri: tri!, ncc: ncc!, uv: uv!, indices: indices! }
  return readMorphableModel(importMorphableModel(files, 'bfm'))
}

function nativeBackend(): Backend | undefined {
  try {
    return createNativeBackend()
  } catch (error) {
    if (process.env['TDFA_REQUIRE_NATIVE']) throw error
    console.log(`Only the reference backend is checked: ${error}`)
    return undefined
  }
}

describe.skipIf(missing)(`the real face${title}`, () => {
  const reference = new ReferenceBackend()
  const native = missing ? undefined : nativeBackend()
  const backends = native ? [reference, native] : [reference]
  const model = missing ? undefined! : faceModel()
  const read = (name: string) => parseNpy(readFileSync(`${golden}/trump_hillary_${name}.npy`)).data as Float32Array
  const params = missing ? [] : [0, 1].map((f) => splitParams(model, read('param').subarray(62 * f, 62 * (f + 1))))

  it('dense vertices are within 0.05 px of the golden ones', () => {
    const n = model.vertexCount
    for (const backend of backends)
      params.forEach((p, f) => {
        const [x1, y1, x2, y2] = read('roi').subarray(4 * f, 4 * f + 4) as unknown as [number, number, number, number]
        const vertices = backend.decode(model, p, { roi: { x1, y1, x2, y2 }, inputSize: 120 })
        const { error } = largestError(vertices, interleave(read('dense'), n, f))
        console.log(`${backend.id}, face ${f}: within ${error.toFixed(5)} px of the golden vertices`)
        expect(error).toBeLessThan(0.05)
      })
  })

  it('light never exceeds the golden one by more than its specular fault', () => {
    const mesh = { vertices: interleave(read('dense'), model.vertexCount), triangles: model.triangles }
    for (const backend of backends) {
      const normals = backend.vertexNormals(mesh)
      expect(largestError(normals, read('f0_normals')).error).toBeLessThan(1e-4)
      expect(largestError(backend.light(mesh, normals, LIGHT_DEFAULTS), read('f0_light')).error).toBeLessThan(0.03)
    }
  })

  const scenes = missing ? [] : posedScenes('face', model)
  const checks = missing ? [] : [...renderChecks(scenes), ...litChecks(scenes), decodeCheck('decode', model, params)]
  for (const { name, run } of checks)
    it.skipIf(!native)(`native: ${name}${native ? '' : ' (skipped: the native backend is not built here)'}`, () =>
      expect(run(native!, reference)).toBeUndefined(),
    )
})
