import { describe, expect, it } from 'vitest'
import { demoSite, missing } from './demo.ts'

describe.skipIf(missing)(`the page that measures the device${missing}`, { timeout: 180_000 }, () => {
  const { open } = demoSite({ published: false })

  it('times every stage, says what ran, and what could not', async () => {
    const { page, problems } = await open([], {}, 'measure.html?seconds=0.05')
    await page.click('#run')
    await page.waitForSelector('html:is([data-measured=done], [data-measured=failed])', { timeout: 120_000 })
    const rows = await page.$$eval('#results tr', (all) => all.map((tr) => [...tr.children].map((c) => c.textContent)))
    expect(rows[0]![1]).toMatch(/^wasm, kernels wasm/)
    expect(rows.map(([name]) => name)).toEqual([
      ...['', 'start to first result', 'detect', 'crop', 'regress, a face', 'dense vertices, a face'],
      ...['shaded mesh, a face', 'whole picture, landmarks', 'whole picture, shaded', 'tracked frame, dense'],
    ])
    for (const [, cell] of rows.slice(2)) expect(cell).toMatch(/^\d+\.\d\d \(\d+\.\d\d\)$/)
    // This machine may have a GPU or not: either there is a second column, or the page says why not.
    const told = await page.textContent('#problems')
    expect(rows[0]!.length === 3 || /GPU/.test(told!)).toBe(true)
    await page.setViewportSize({ width: 360, height: 640 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    const saved = page.waitForEvent('download')
    await page.click('#save')
    expect((await saved).suggestedFilename()).toBe('3ddfa-device.json')
    expect(problems.filter((problem) => !/404/.test(problem))).toEqual([])
  })
})
