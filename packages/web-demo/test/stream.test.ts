import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exportForWeb, openModelStore } from '@3ddfa/models/node'
import { describe, expect, it } from 'vitest'
import { findChromium, openPage } from '../../../scripts/chromium.mjs'
import { useLocalModels } from '../../../scripts/setup.mjs'
import { shared } from '../../../scripts/shared.mjs'

const missing = !findChromium() ? 'no Chromium on this machine' : !shared('upstream') ? '../shared is not here' : ''
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

describe.skipIf(missing)(`streams in Chromium${missing && ` (skipped: ${missing})`}`, () => {
  it('follows WebCodecs frames of a Web Stream, and closes each', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), '3ddfa-stream-'))
    useLocalModels()
    await exportForWeb(openModelStore({ onWarning: () => {} }), folder)
    const entry = at('./stream.page.ts')
    const { page, errors, close } = await openPage({
      entry,
      folders: { '/exported': folder, '/sample': at('../public') },
    })
    try {
      expect(await page.evaluate('followStream(12)')).toEqual({ ids: new Array(12).fill([1, 2]), open: 0 })
      expect(errors).toEqual([])
    } finally {
      await close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
