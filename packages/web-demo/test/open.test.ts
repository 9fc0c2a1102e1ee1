import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../../scripts/chromium.mjs'
import { openDemo, ready, serveDemo } from './demo.ts'

const missing = findChromium() ? '' : ' (skipped: no Chromium on this machine)'

describe.skipIf(missing)(`the demo without published models${missing}`, { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-demo-open-'))
  let site: Awaited<ReturnType<typeof serveDemo>>

  beforeAll(async () => {
    site = await serveDemo(join(folder, 'site'))
    // As on a machine that has none.
    const models = join(folder, 'site', 'models')
    if (existsSync(models)) renameSync(models, join(folder, 'elsewhere'))
  })
  afterAll(async () => {
    await site?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('uses the open pack, says so, and offers nothing else', async () => {
    const { page, problems, close } = await openDemo(site.url)
    try {
      await page.waitForSelector(ready, { timeout: 60_000 })
      expect(await page.textContent('#status')).toContain('open model pack')
      expect(await page.textContent('#measured')).toContain('open, tdfa_open')
      const offered = (id: string) =>
        page.$$eval(`#${id} option:not([disabled])`, (all) => all.map((o) => (o as HTMLOptionElement).value))
      expect(await offered('model')).toEqual(['open'])
      expect(await offered('detector')).toEqual(['open'])
      await page.click('#sample')
      await page.waitForFunction(() => document.querySelectorAll('#faces li').length === 2, undefined, {
        timeout: 30_000,
      })
      for (const overlay of ['sparse', 'dense', 'mesh', 'depth', 'pncc', 'pose', 'texture'])
        await page.check(`input[value=${overlay}]`, { force: true })
      await page.waitForSelector('#mesh canvas')
      // What is missing beside the page is asked for once, and that is no fault.
      expect(problems.filter((problem) => !/404/.test(problem))).toEqual([])
      if (process.env['TDFA_DEMO_PICTURE'])
        await page.screenshot({ path: process.env['TDFA_DEMO_PICTURE'], fullPage: true })
    } finally {
      await close()
    }
  })
})
