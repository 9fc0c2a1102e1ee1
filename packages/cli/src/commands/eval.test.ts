import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { EXIT } from '../errors.ts'
import { evalDataset } from './eval.ts'

const flags = { model: 'mb05', backend: 'auto', runtime: 'auto', maxPixels: 1e8, threshold: 10 } as const

it('refuses mirror images of a position map before anything is read', async () => {
  await expect(evalDataset('landmarks', 'nowhere', { ...flags, model: 'prnet', flip: true })).rejects.toMatchObject({
    exitCode: EXIT.usage,
    message: expect.stringMatching(/^Expected no --flip,.* prnet/),
  })
})

it('refuses what would do nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-eval-'))
  try {
    writeFileSync(join(folder, 'a.png'), '')
    writeFileSync(join(folder, 'a.pts'), `version: 1\nn_points: 68\n{\n${'1 2\n'.repeat(67)}3 4\n}\n`)
    const refusal = (more: object) => expect(evalDataset('landmarks', folder, { ...flags, ...more })).rejects
    await refusal({ worst: 3 }).toMatchObject({
      exitCode: EXIT.usage,
      message: expect.stringMatching(/--worst.* --out/),
    })
    for (const roi of ['truth', undefined])
      await refusal({ minIou: 0.5, roi }).toMatchObject({
        exitCode: EXIT.usage,
        message: expect.stringMatching(/--min-iou.* --roi detector/),
      })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
