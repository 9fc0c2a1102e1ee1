import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, openPage } from '../../../scripts/chromium.mjs'
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
        const findings = (await opened.page.evaluate(`check(${simd})`)) as [string, string | undefined][]
        expect(findings).toHaveLength(allChecks().length + 1)
        expect(findings.filter(([, finding]) => finding !== undefined && finding !== null)).toEqual([])
        expect(opened.errors).toEqual([])
      })
  },
)
