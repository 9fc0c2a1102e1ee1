import { detectorPath } from '@3ddfa/open-models/node'
import { afterEach, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'
import type { PictureEngineFlags } from './commands/engine-options.ts'
import { withEngine } from './commands/with-engine.ts'

const sessions = vi.hoisted(() => ({ opened: 0, open: new Set<object>() }))
vi.mock('@3ddfa/inference/node', async (original) => {
  const node = await original<typeof import('@3ddfa/inference/node')>()
  const createNodeSession: typeof node.createNodeSession = async (...given) => {
    const session = await node.createNodeSession(...given)
    sessions.opened++
    sessions.open.add(session)
    const dispose = session.dispose.bind(session)
    session.dispose = () => {
      sessions.open.delete(session)
      return dispose()
    }
    return session
  }
  return { ...node, createNodeSession }
})
afterEach(() => {
  sessions.opened = 0
  sessions.open.clear()
})

const cache = temporaryFolder('compose-failures')
const flags: PictureEngineFlags = {
  ...{ backend: 'wasm', runtime: 'auto', threads: 1, model: 'open', detector: 'open', topology: 'model' },
  ...{ maxPixels: 1e8, quiet: true, from: [cache], cache },
}

it.each<[string, Partial<PictureEngineFlags>, number]>([
  ['the regressor cannot be loaded', { model: `open:${cache}/none.onnx` }, 1],
  ['the regressor has other outputs', { model: `open:${detectorPath}` }, 2],
  ['the detector refuses its size', { detectSize: 0 }, 2],
  ['the mesh for the outputs is not here', { topology: 'prnet' }, 2],
])('frees what was opened when %s', async (_, wrong, opened) => {
  await expect(withEngine({ ...flags, ...wrong }, async () => {})).rejects.toThrow()
  expect([sessions.opened, sessions.open.size]).toEqual([opened, 0])
})
