import { createRequire } from 'node:module'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { demoSite, missing } from './demo.ts'
import { alertOf, faces, ready, status } from './shown.ts'

const axe = createRequire(import.meta.url).resolve('axe-core')

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
}

describe.skipIf(missing)(`what the demo tells${missing}`, { timeout: 180_000 }, () => {
  const { open } = demoSite({ published: false })

  it('says what is missing: faces, a picture', async () => {
    const { page } = await open()
    await ready(page)
    const plain = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#789' } })
      .png()
      .toBuffer()
    await page.setInputFiles('#photo-file', { name: 'plain.png', mimeType: 'image/png', buffer: plain })
    await status(page, 'No face found')
    await page.setInputFiles('#photo-file', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('none') })
    expect(await alertOf(page)).toBe('a.png is not a picture that this browser can read; try a JPEG, PNG or WebP file.')
    await page.click('#sample')
    await status(page, '2 faces.')
    expect(await page.isHidden('#alert')).toBe(true)
  })

  it('says that its sample could not be had', async () => {
    const { page } = await open()
    await ready(page)
    await page.route(/sample\.png$/, (route) => route.fulfill({ status: 404, body: 'not here' }))
    await page.click('#sample')
    expect(await alertOf(page)).toMatch(/sample\.png answered 404\.$/)
  })

  it('says why there is no camera', async () => {
    const { page } = await open()
    await ready(page)
    await page.click('#webcam')
    expect(await alertOf(page)).toMatch(/^(There is no camera|This page may not use the camera)/)
  })

  it('says that models could not be had, and again when they are needed', async () => {
    const { page } = await open()
    await ready(page)
    await page.route(/\.safetensors$/, (route) => route.abort())
    await page.reload()
    expect(await alertOf(page)).toMatch(/^Could not reach .*\.safetensors\.$/)
    await page.click('#sample')
    expect(await alertOf(page)).toMatch(/^Could not reach .*\.safetensors\.$/)
  })

  it.each([
    { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { colorScheme: 'dark', viewport: { width: 390, height: 800 } },
  ] as const)('has no serious finding of axe: $colorScheme, $viewport.width wide', async (options) => {
    const { page } = await open([], { ...options, bypassCSP: true })
    await ready(page)
    await page.click('#sample')
    await faces(page, 2)
    await page.addScriptTag({ path: axe })
    const { violations } = await page.evaluate(() => (globalThis as never as { axe: Axe }).axe.run())
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => [id, nodes[0]!.html])).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false)
  })
})
