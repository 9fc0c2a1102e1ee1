import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findChromium, openPage } from './chromium.mjs'

const entry = fileURLToPath(new URL('./chromium.page.ts', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '')

describe.skipIf(!findChromium())(`a page${findChromium() ? '' : ' (skipped: no Chromium on this machine)'}`, () => {
  it('runs sources, reads folders and tells its errors', async () => {
    const { page, errors, close } = await openPage({ entry, folders: { '/files': here } })
    try {
      expect(await page.evaluate('backendId()')).toBe('reference')
      expect(await page.evaluate('read("/files/shared.d.mts")')).toContain('export function shared')
      expect(errors).toEqual([])
      await page.evaluate('console.error("seen")')
      expect(errors).toEqual(['seen'])
    } finally {
      await close()
    }
  })

  it('says why it does not load', async () => {
    await expect(openPage({ entry: `${here}/nothing.ts` })).rejects.toThrow('The page did not load')
  })
})
