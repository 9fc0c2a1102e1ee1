import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** Until the page has loaded its models, or says why it cannot. */
export async function ready(page: Page): Promise<void> {
  await page.waitForSelector('html:is([data-engine=ready], [data-engine=failed])', { timeout: 60_000 })
}

/** Until the list of faces has this many. */
export async function faces(page: Page, count: number): Promise<void> {
  // SwiftShader compiles a network for 20 s and more where others are at work.
  await page.waitForFunction((n) => document.querySelectorAll('#faces li').length === n, count, { timeout: 90_000 })
}

/** Until the view in 3D shows a face. */
export async function solid(page: Page): Promise<void> {
  await page.waitForSelector('#front:enabled', { timeout: 30_000 })
  // It draws when the page has drawn what came before.
  await page.evaluate(async () => {
    for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame)
  })
}

/** What the page says went wrong, once it says so. */
export async function alertOf(page: Page): Promise<string | null> {
  await page.waitForSelector('#alert:not([hidden])')
  return page.textContent('#alert')
}

/** Until the page says this. */
export async function status(page: Page, text: string): Promise<void> {
  await page.waitForFunction((said) => document.querySelector('#status')!.textContent!.startsWith(said), text)
}

/** Whether the page says that the webcam runs, and whether it offers to stop anything. */
export async function playing(page: Page): Promise<{ webcam: boolean; stop: boolean }> {
  const webcam = (await page.getAttribute('#webcam', 'aria-pressed')) === 'true'
  return { webcam, stop: await page.isVisible('#stop') }
}

/** The table of what runs and how long it takes. */
export async function measured(page: Page): Promise<Record<string, string>> {
  const rows = await page.$$eval('#measured tr', (all) =>
    all.map(({ children: [name, value] }) => [name!.textContent!, value!.textContent!]),
  )
  return Object.fromEntries(rows)
}

/** Chooses a setting and waits for what it loads. */
export async function choose(page: Page, id: string, value: string): Promise<void> {
  await page.selectOption(`#${id}`, value)
  await ready(page)
}

export async function download(page: Page, format: string): Promise<Buffer> {
  const [event] = await Promise.all([
    page.waitForEvent('download'),
    page.click(`#downloads button:text-is(".${format}")`),
  ])
  expect(event.suggestedFilename()).toMatch(/^\w+_faces\.\w+/)
  return readFileSync(await event.path())
}
