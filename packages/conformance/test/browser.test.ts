import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveBlankPage } from '../../../scripts/blank-page.mjs'
import { findChromium, openPage } from '../../../scripts/chromium.mjs'
import { lacks, type OpenedPage, OTHER_BROWSERS, openIn } from '../../../scripts/other-browsers.mjs'
import { allChecks } from '../src/index.ts'

const entry = fileURLToPath(new URL('./browser.page.ts', import.meta.url))

describe.skipIf(!findChromium())(
  `the wasm backend in Chromium${findChromium() ? '' : ' (skipped: no Chromium on this machine)'}`,
  () => {
    let opened: Awaited<ReturnType<typeof openPage>>
    beforeAll(async () => {
      opened = await openPage({ entry })
    })
    afterAll(() => opened?.close())

    for (const simd of [true, false])
      it(`passes every check ${simd ? 'with' : 'without'} SIMD`, async () => {
        expectNothing(await opened.page.evaluate(`check(${simd})`))
        expect(opened.errors).toEqual([])
      })
  },
)

for (const browser of OTHER_BROWSERS)
  describe.skipIf(lacks(browser))(`the wasm backend in ${browser}${lacks(browser)}`, () => {
    let served: Awaited<ReturnType<typeof serveBlankPage>>
    let opened: OpenedPage
    beforeAll(async () => {
      served = await serveBlankPage({ entry })
      opened = await openIn(browser, served.url)
      expect(await opened.until('globalThis.loaded')).toBe('yes')
    })
    afterAll(async () => {
      await opened?.close()
      await served?.close()
    })

    for (const simd of [true, false])
      it(`passes every check ${simd ? 'with' : 'without'} SIMD`, { timeout: 300_000 }, async () => {
        expectNothing(await opened.evaluate(`check(${simd})`))
      })
  })

/** Every check was made and had nothing to say. */
function expectNothing(said: unknown): void {
  const findings = said as [name: string, finding: string | null | undefined][]
  expect(findings).toHaveLength(allChecks().length + 1)
  expect(findings.filter(([, finding]) => finding !== undefined && finding !== null)).toEqual([])
}
