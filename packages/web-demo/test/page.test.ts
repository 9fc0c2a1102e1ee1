import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page, Route } from 'playwright-core'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { noFfmpeg } from '../../../scripts/moving-sample.mjs'
import { demoSite, missing, movingSample, sample } from './demo.ts'
import { alertOf, choose, download, faces, measured, playing, ready, solid, status } from './shown.ts'

const axe = createRequire(import.meta.url).resolve('axe-core')

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
}

describe.skipIf(missing)(`what the demo tells${missing}`, { timeout: 180_000 }, () => {
  const { open } = demoSite({ published: false })

  it('says what is missing: faces, a picture', async () => {
    const { page } = await open()
    await ready(page)
    await page.setInputFiles('#photo-file', await plain())
    await status(page, 'No face found')
    await page.setInputFiles('#photo-file', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('none') })
    expect(await alertOf(page)).toBe(
      'a.png is no picture that this browser can read, or not a whole one; try a JPEG, PNG or WebP file.',
    )
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
    await page.unroute(/\.safetensors$/)
    await page.click('#sample')
    await faces(page, 2)
  })

  it('says that its own code could not be had, whatever is chosen then', async () => {
    const { page } = await open()
    await ready(page)
    await page.route(/\/worker-[^/]*\.js$/, (route) => route.fulfill({ status: 404, body: 'not here' }))
    await page.reload()
    const sentence = 'The page could not be loaded whole; load it again.'
    expect(await alertOf(page)).toBe(sentence)
    expect(await page.getAttribute('html', 'data-engine')).toBe('failed')
    await page.click('#sample')
    expect(await alertOf(page)).toBe(sentence)
  })

  it.skipIf(noFfmpeg)(`goes on while the code of its view in 3D is slow to come${noFfmpeg}`, async () => {
    const { page } = await open()
    await ready(page)
    const held: Route[] = []
    await page.route(/mesh-view/, (route) => void held.push(route))
    await page.click('#sample')
    await status(page, '2 faces.')
    await choose(page, 'backend', 'reference')
    await page.setInputFiles('#video-file', movingSample('webm'))
    await status(page, 'The video is over.')
    for (const route of held) await route.continue()
    await solid(page)
    expect(await deviation(page, '#mesh')).toBeGreaterThan(BLANK)
  })

  it('leaves the keyboard where it is while a face is missed, and says nothing twice', async () => {
    const { page } = await open(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'])
    await ready(page)
    await page.click('#sample')
    await faces(page, 2)
    const said: string[] = []
    await page.exposeFunction('hear', (text: string) => void said.push(text))
    await page.$eval('#status', (element) => {
      const { hear } = globalThis as never as { hear: (text: string | null) => void }
      new MutationObserver(() => hear(element.textContent)).observe(element, { childList: true })
    })
    await choose(page, 'backend', 'reference')
    await page.focus('#modes input')
    // A click of the mouse would take the focus with it; Chromium's camera shows no face.
    await page.$eval('#webcam', (button) => (button as HTMLElement).click())
    await status(page, 'No face found')
    await expect.poll(async () => (await measured(page))['frames a second']).toMatch(/[1-9]/)
    expect(await page.$eval('#modes', (modes) => modes.contains(document.activeElement))).toBe(true)
    await page.click('#downloads button:text-is(".ply")')
    expect(await alertOf(page)).toBe('No face is shown now; download again when there is one.')
    expect(said).toContain('Loading models from the network')
    expect(said.filter((text, i) => text === said[i - 1])).toEqual([])
  })

  it('offers nothing of the picture before once a camera without faces is stopped, and gives the keyboard back', async () => {
    const { page } = await open(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'])
    await ready(page)
    await page.click('#sample')
    await faces(page, 2)
    const offered = () => Promise.all(['#downloads button', '#modes input'].map((id) => page.isEnabled(id)))
    expect(await offered()).toEqual([true, true])
    await page.click('#webcam')
    await status(page, 'No face found')
    await page.focus('#stop')
    await page.keyboard.press('Enter')
    await status(page, 'Stopped.')
    expect(await page.evaluate('document.activeElement.id')).toBe('webcam')
    expect(await offered()).toEqual([false, false])
  })

  it('scrolls past the mesh until somebody clicks on it', async () => {
    const { page } = await open([], { viewport: { width: 800, height: 500 } })
    await ready(page)
    await page.click('#sample')
    await page.waitForSelector('#mesh canvas')
    await page.locator('#mesh').scrollIntoViewIfNeeded()
    await page.hover('#mesh')
    // How far a slow machine has scrolled after some time says nothing: whether the mesh took the wheel does.
    await page.evaluate('addEventListener("wheel", (event) => { taken = event.defaultPrevented }); taken = null')
    const taken = (): Promise<unknown> => page.evaluate('taken')
    const before = Number(await page.evaluate('scrollY'))
    await page.mouse.wheel(0, -120)
    await expect.poll(taken).toBe(false)
    await expect.poll(async () => Number(await page.evaluate('scrollY'))).toBeLessThan(before)
    await page.click('#mesh')
    await page.mouse.wheel(0, -120)
    await expect.poll(taken).toBe(true)
  })

  it('goes on without a network, and has the rest once it is back', async () => {
    const { page } = await open()
    await ready(page)
    await page.context().setOffline(true)
    await page.setInputFiles('#photo-file', sample)
    await status(page, '2 faces.')
    await page.waitForSelector('#mesh:has-text("could not be loaded. Check the network")')
    for (const format of ['obj', 'glb']) expect((await download(page, format)).length).toBeGreaterThan(100_000)
    await choose(page, 'backend', 'reference')
    expect(await alertOf(page)).toMatch(/^Could not reach .*\. What ran before goes on; choose the setting again/)
    expect(await page.inputValue('#backend')).toBe('wasm')
    await page.setInputFiles('#photo-file', sample)
    await status(page, '2 faces.')
    await page.context().setOffline(false)
    await page.setInputFiles('#photo-file', sample)
    await page.waitForSelector('#mesh canvas')
  })

  it('loads no more for settings that have been changed again', async () => {
    const { page } = await open()
    await ready(page)
    const held = page.waitForRequest(/\.safetensors/)
    await answerFromSecond(page, /\.safetensors/)
    await page.selectOption('#backend', 'reference')
    const request = await held
    const ended = page.waitForEvent('requestfailed', (failed) => failed === request)
    await choose(page, 'backend', 'wasm')
    await ended
    expect(await page.isHidden('#alert')).toBe(true)
    expect((await measured(page))['Mesh backend']).toBe('wasm')
    await page.click('#sample')
    await faces(page, 2)
  })

  it('waits with a picture for the settings that were chosen last, and loads them once', async () => {
    const { page } = await open()
    await ready(page)
    // Nobody answers the first of the models, so nothing runs yet.
    await answerFromSecond(page, /\.safetensors/)
    const first = page.waitForRequest(/\.safetensors/)
    await page.reload()
    await first
    await page.click('#sample')
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('.safetensors')) asked.push(request.url())
    })
    await page.selectOption('#backend', 'reference')
    await status(page, '2 faces.')
    expect(asked).toHaveLength(1)
    expect((await measured(page))['Mesh backend']).toBe('reference')
  })

  it('offers nothing that turns or moves a mesh where there is no WebGL', async () => {
    const { page } = await open(['--disable-3d-apis'])
    await ready(page)
    expect(await page.locator('.of-view:visible').count()).toBe(3)
    await page.click('#sample')
    await page.waitForSelector('#mesh:has-text("This browser has no WebGL")')
    expect(await page.locator('.of-view:visible').count()).toBe(0)
    expect((await download(page, 'glb')).length).toBeGreaterThan(100_000)
  })

  it.skipIf(noFfmpeg)(`says that a video without pictures is none${noFfmpeg}`, async () => {
    const { page } = await open()
    await ready(page)
    const sound = ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=5', '-c:a', 'libopus', '-f', 'webm', '-']
    const buffer = execFileSync('ffmpeg', sound)
    await page.setInputFiles('#video-file', { name: 'a.webm', mimeType: 'video/webm', buffer })
    expect(await alertOf(page)).toContain('a.webm is not a video that this browser can play')
    expect(await playing(page)).toEqual({ webcam: false, stop: false })
  })

  it.skipIf(noFfmpeg)(`says where a video breaks off${noFfmpeg}`, async () => {
    const { page } = await open()
    await ready(page)
    const buffer = readFileSync(movingSample('mp4'))
    // What comes first has to be whole: nearly all of it is the first frame.
    buffer.fill(255, Math.floor(0.9 * buffer.length))
    await page.setInputFiles('#video-file', { name: 'a.mp4', mimeType: 'video/mp4', buffer })
    expect(await alertOf(page)).toMatch(/^The video breaks off after \d\.\d s: the rest of the file is damaged/)
    expect(await playing(page)).toEqual({ webcam: false, stop: false })
    await page.click('#sample')
    await status(page, '2 faces.')
    expect(await page.isHidden('#alert')).toBe(true)
  })

  it('shows nothing of the picture before', async () => {
    const { page } = await open()
    await ready(page)
    await page.click('#sample')
    await solid(page)
    expect(await deviation(page, '#mesh')).toBeGreaterThan(BLANK)
    const { width, height } = await sharp(sample).metadata()
    const clear = sharp({ create: { width, height, channels: 4, background: '#0000' } })
    await page.setInputFiles('#photo-file', await png('clear.png', clear))
    await status(page, 'No face found')
    await expect.poll(() => deviation(page, '#mesh')).toBeLessThan(BLANK)
    expect(await deviation(page, '#picture')).toBeLessThan(BLANK)
  })

  it('shows the last picture that was chosen, not the last that was read', async () => {
    const { page } = await open()
    await ready(page)
    await page.evaluate(() => {
      const read = createImageBitmap
      let isFirst = true
      globalThis.createImageBitmap = async (...given: unknown[]) => {
        const isSlow = isFirst
        isFirst = false
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, 400))
        return (read as (...given: unknown[]) => Promise<ImageBitmap>)(...given)
      }
    })
    await page.setInputFiles('#photo-file', sample)
    await page.setInputFiles('#photo-file', await plain())
    await status(page, 'No face found')
    await page.waitForTimeout(600)
    expect(await page.textContent('#status')).toContain('No face found')
  })

  it('does what its controls say after Back', async () => {
    const { page } = await open()
    await ready(page)
    await page.check('input[value=sparse]', { force: true })
    await page.click('a')
    await page.waitForSelector('#run')
    await page.goBack()
    await ready(page)
    expect(await page.isChecked('input[value=sparse]')).toBe(true)
    await page.click('#sample')
    await faces(page, 2)
    const drawn = await download(page, 'png')
    await page.check('input[value=mesh]', { force: true })
    await page.check('input[value=sparse]', { force: true })
    expect((await download(page, 'png')).equals(drawn)).toBe(true)
  })

  it.each([
    { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { colorScheme: 'dark', viewport: { width: 360, height: 640 } },
  ] as const)('has no serious finding of axe: $colorScheme, $viewport.width wide', async (options) => {
    const { page } = await open([], { ...options, bypassCSP: true })
    await ready(page)
    await page.click('#sample')
    await faces(page, 2)
    await page.addScriptTag({ path: axe })
    const { violations } = await page.evaluate(() => (globalThis as never as { axe: Axe }).axe.run())
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => [id, nodes[0]!.html])).toEqual([])
    // The keyboard goes through the page as it is seen.
    const tops = await page.$$eval('main > section', (all) => all.map((one) => one.getBoundingClientRect().top))
    expect(tops).toEqual([...tops].sort((a, b) => a - b))
    const isWide = () => page.evaluate('document.documentElement.scrollWidth > innerWidth')
    expect(await isWide()).toBe(false)
    const name = `IMG_${'0123456789'.repeat(12)}.heic`
    await page.setInputFiles('#photo-file', { name, mimeType: 'image/heic', buffer: Buffer.from('none') })
    expect(await alertOf(page)).toContain(name)
    expect(await isWide()).toBe(false)
    await page.emulateMedia({ forcedColors: 'active' })
    const grounds = await page.$$eval('#overlays span', (all) =>
      all.map((one) => getComputedStyle(one).backgroundColor),
    )
    expect(new Set(grounds).size).toBe(2)
  })
})

function plain() {
  return png('plain.png', sharp({ create: { width: 300, height: 200, channels: 3, background: '#789' } }))
}

async function png(name: string, picture: Sharp) {
  return { name, mimeType: 'image/png', buffer: await picture.png().toBuffer() }
}

/** Levels by which what is drawn deviates where there is nothing to see but ground, paper and rounded corners. */
const BLANK = 5

async function deviation(page: Page, selector: string): Promise<number> {
  const { channels } = await sharp(await page.locator(selector).screenshot()).stats()
  return Math.max(...channels.map(({ stdev }) => stdev))
}

/** The first request waits for ever: a route that is taken away would have it answered after all. */
async function answerFromSecond(page: Page, url: RegExp): Promise<void> {
  let asked = 0
  await page.route(url, (route) => (asked++ === 0 ? undefined : route.continue()))
}
