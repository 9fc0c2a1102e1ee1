import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeSession } from '@3ddfa/inference/node'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../../scripts/shared.mjs'
import { temporaryFolder } from '../../../../scripts/temporary-folder.mjs'
import { convertNetwork, fuseModels } from './models.ts'

const sources = ['upstream', 'standin'].map((name) => shared(name))
const lite = shared('upstream/Dense-Head-Pose-Estimation/weights/RFB-320.tflite')
const why = sources.every(Boolean) && lite ? '' : ' (skipped: ../shared is not here)'

describe.skipIf(why !== '')(`3ddfa models${why}`, () => {
  const folder = temporaryFolder('models')
  const flags = { from: sources as string[], cache: join(folder, 'cache'), offline: true, quiet: true }
  const out = join(folder, 'network.onnx')

  async function signature(): Promise<string[]> {
    const session = await createNodeSession(out, { threads: 1 })
    const list = [...session.inputs, ...session.outputs].map(({ name, dims }) => `${name} ${dims.join(' ')}`)
    await session.dispose()
    return list
  }

  it('fuse writes a network of camera, vertices and landmarks', async () => {
    await fuseModels(out, { ...flags, model: 'mb05', vertices: 'dense', landmarkHead: true })
    expect(await signature()).toEqual([
      'image -1 120 120 3',
      'camera -1 3 4',
      'vertices -1 38365 3',
      'landmarks -1 68 2',
    ])
    await fuseModels(out, { ...flags, model: 'mb05', vertices: 'sparse' })
    expect(await signature()).toEqual(['image -1 120 120 3', 'camera -1 3 4', 'vertices -1 68 3'])
  })

  it('fuse takes regressors of parameters only', async () => {
    await expect(fuseModels(out, { ...flags, model: 'faceboxes', vertices: 'sparse' })).rejects.toThrow(
      'faceboxes is no parameter regressor.',
    )
  })

  it('convert writes a TensorFlow Lite network as ONNX', async () => {
    await convertNetwork(lite!, out, { quiet: true })
    expect(await signature()).toEqual(['input_1 -1 240 320 3', 'Identity -1 -1 4', 'Identity_1 -1 -1 2'])
  })

  it('convert says what it cannot read', async () => {
    const missing = join(folder, 'missing.index')
    await expect(convertNetwork(missing, out, {})).rejects.toThrow('there is none at')
    const other = join(folder, 'other.onnx')
    await expect(convertNetwork(out, other, {})).rejects.toThrow('is not a TensorFlow Lite model')
    expect(existsSync(other)).toBe(false)
  })
})
