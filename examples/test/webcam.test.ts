import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launchChromium } from '../../scripts/chromium.mjs'
import { noFfmpeg, writeMovingSample } from '../../scripts/moving-sample.mjs'
import { lacks, OTHER_BROWSERS, openIn } from '../../scripts/other-browsers.mjs'

const root = fileURLToPath(new URL('../webcam', import.meta.url))
const built = existsSync(new URL('../../packages/core/dist', import.meta.url))
const OUTPUT = `document.querySelector('output').value`

describe.skipIf(!built)(
  `the webcam example${built ? '' : ' (skipped: nothing is built; node scripts/setup.mjs)'}`,
  () => {
    let folder: string
    let site: Awaited<ReturnType<typeof preview>>
    let url: string

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), '3ddfa-webcam-'))
      const outDir = join(folder, 'dist')
      await build({ root, logLevel: 'error', build: { outDir } })
      site = await preview({ root, logLevel: 'error', build: { outDir }, preview: { port: 0, host: '127.0.0.1' } })
      url = site.resolvedUrls!.local[0]!
    })
    afterAll(async () => {
      await site?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const lacking = findChromium() ? noFfmpeg : ' (skipped: no Chromium on this machine)'
    it.skipIf(lacking)(`follows two faces in Chromium${lacking}`, { timeout: 120_000 }, async () => {
      const camera = join(folder, 'camera.y4m')
      writeMovingSample(camera)
      const browser = await launchChromium([
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        `--use-file-for-fake-video-capture=${camera}`,
      ])
      try {
        const page = await browser.newPage()
        await page.goto(url)
        await page.waitForFunction(`/^Faces: \\d+ \\(yaw .+\\), \\d+ \\(yaw/.test(${OUTPUT})`, undefined, {
          timeout: 60_000,
        })
        expect(await page.evaluate(`document.querySelector('canvas').width`)).toBe(600)
      } finally {
        await browser.close()
      }
    })

    for (const browser of OTHER_BROWSERS)
      it.skipIf(lacks(browser))(`runs in ${browser}${lacks(browser)}`, { timeout: 120_000 }, async () => {
        const page = await openIn(browser, url)
        try {
          // Its camera shows colours.
          await page.until(`${OUTPUT} !== 'Waiting for the camera'`)
          expect(await page.evaluate(OUTPUT)).toBe('Faces: none')
        } finally {
          await page.close()
        }
      })
  },
)
