import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FaceAligner, positionMapOfGrid, UvResampler, verticesOf } from '@3ddfa/core'
import { loadUvTopology, openModelStore } from '@3ddfa/models/node'
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../../models/src/onnx/graph-builder.ts'
import { shared } from '../../../scripts/shared.mjs'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'
import { openAligner } from './compose.ts'
import { createConsole } from './console.ts'
import { readPicture } from './images.ts'
import { positionMapOf } from './model-choice.ts'

describe('positionMapOf', () => {
  it('tells position-map networks from other models', () => {
    expect(positionMapOf('prnet')).toEqual({})
    expect(positionMapOf('prnet:/data/net.index')).toEqual({ path: '/data/net.index' })
    expect(['mb05', 'open', 'prnet.onnx', '/prnet/mb1.pth'].map(positionMapOf)).toEqual(Array(4).fill(undefined))
  })
})

const sources = ['upstream', 'standin'].map((name) => shared(name))
const picture = shared('images/trump_hillary.jpg')
const why = sources.every(Boolean) && picture ? '' : ' (skipped: ../shared is not here)'

describe.skipIf(why !== '')(`openAligner with --model prnet:PATH${why}`, () => {
  const folder = temporaryFolder('prnet')
  const console = createConsole({ quiet: true })
  const store = openModelStore({ sources: sources as string[], cacheDir: folder, offline: true, onWarning: () => {} })
  const open = (model: string): Promise<FaceAligner> =>
    openAligner({ backend: 'auto', detector: 'faceboxes', model, threads: 1 }, store, console)

  it('gives the mesh that the network gives', async () => {
    const { image } = await readPicture(picture!, { maxPixels: 1e8 })
    const published = await open('mb05')
    const [face] = await published.align(image, { dense: true, refine: false })
    const { topology, correspondence } = await loadUvTopology(store)
    const mesh = new UvResampler(topology, correspondence).resample(verticesOf(face!))
    // A network whose answer is always this face, in pixels of its own crop.
    const { x1, y1, x2 } = face!.roi
    const scale = 255 / (x2 - x1)
    const crop = positionMapOfGrid(topology, mesh).data.map((v, i) => (v - [x1, y1, 0][i % 3]!) * scale)
    const graph = new GraphBuilder()
    const shape = graph.node('Shape', [graph.input('image', 'uint8', ['N', 256, 256, 3])])
    graph.output('positions', graph.node('Expand', [graph.floats(crop, [1, 256, 256, 3]), shape]), ['N', 256, 256, 3])
    const path = join(folder, 'constant.onnx')
    writeFileSync(path, graph.finish('constant'))
    const aligner = await open(`prnet:${path}`)
    const [ours] = await aligner.align(image, { boxes: [face!.box!] })
    const worst = verticesOf(ours!).reduce((w, v, i) => (i % 3 === 2 ? w : Math.max(w, Math.abs(v - mesh[i]!))), 0)
    expect(worst).toBeLessThan(0.01)
    // The mean face of one model fitted to a face of the other: the pose is the same but for their differences.
    for (const angle of ['pitch', 'yaw', 'roll'] as const)
      expect(Math.abs(ours!.pose[angle] - face!.pose[angle])).toBeLessThan(0.05)
    expect(aligner.meshRegressor.id).toBe('prnet')
    await Promise.all([published.dispose(), aligner.dispose()])
  }, 60_000)

  it('says what is missing', async () => {
    await expect(open(`prnet:${join(folder, 'nothing')}`)).rejects.toThrow('nothing.index')
    await expect(open('prnet')).rejects.toThrow('This model is not here: prnet')
  })
})
