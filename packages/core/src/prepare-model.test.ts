import { describe, expect, it, vi } from 'vitest'
import { prepareModel } from './prepare-model.ts'
import { ReferenceBackend } from './reference/reference-backend.ts'
import { toyFace } from './toy-face.ts'

describe('prepareModel', () => {
  it('has the backend decode the model once', () => {
    const backend = new ReferenceBackend()
    const decode = vi.spyOn(backend, 'decode')
    const { model } = toyFace()
    prepareModel(backend, model)
    expect(decode.mock.calls.map(([decoded]) => decoded)).toEqual([model])
  })
})
