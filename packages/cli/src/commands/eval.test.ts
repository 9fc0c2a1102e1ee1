import { expect, it } from 'vitest'
import { EXIT } from '../errors.ts'
import { evalDataset } from './eval.ts'

it('refuses mirror images of a position map before anything is read', async () => {
  const flags = {
    model: 'prnet',
    flip: true,
    backend: 'auto',
    runtime: 'auto',
    maxPixels: 1e8,
    minIou: 0.5,
    threshold: 10,
    worst: 0,
  } as const
  await expect(evalDataset('landmarks', 'nowhere', flags)).rejects.toMatchObject({
    exitCode: EXIT.usage,
    message: expect.stringMatching(/^Expected no --flip,.* prnet/),
  })
})
