import type { FaceAligner } from '@3ddfa/core'
import type { ModelStore } from '@3ddfa/models/node'
import { expect, it } from 'vitest'
import { toyFace } from '../../core/src/toy-face.ts'
import { createConsole } from './console.ts'
import { EXIT } from './errors.ts'
import { openSurface } from './open-surface.ts'

it('morph targets need a model with expressions, which is told before anything is made', async () => {
  const console = createConsole({ quiet: true })
  const open = (model: FaceAligner['model'], morphTargets: boolean) => {
    const parts = { model, meshRegressor: {} } as FaceAligner
    return openSurface({ topology: 'model', morphTargets }, parts, {} as ModelStore, console)
  }
  const { model } = toyFace()
  const positions = { ...model, id: 'positions', expressionCount: 0 }
  await expect(open(positions, true)).rejects.toMatchObject({
    message: 'Expected a model with expressions for --morph-targets but received positions; give --model open or mb05.',
    exitCode: EXIT.usage,
  })
  expect((await open(positions, false)).mesh.triangles).toBe(model.triangles)
  expect((await open(model, true)).mesh.triangles).toBe(model.triangles)
})
