import { FaceAligner, ReferenceBackend } from '@3ddfa/core'
import { expect, it } from 'vitest'
import { toyFace } from '../../../core/src/toy-face.ts'
import { Stopwatch } from './stopwatch.ts'

it('a timed regressor still says how many parameters it gives, so that another model is refused', async () => {
  const { model } = toyFace()
  const regress = async () => []
  const regressor = new Stopwatch().regressor({
    id: 'r',
    inputSize: 120,
    paramCount: 99,
    regress,
    dispose: async () => {},
  })
  const creating = FaceAligner.create({ backend: new ReferenceBackend(), regressor, model })
  await expect(creating).rejects.toThrow(/14 parameters a face, .* 99/)
})
