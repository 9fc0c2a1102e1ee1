import type { Locator } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { demoSite, missing, sample } from './demo.ts'
import { choose, download, faces, measured, ready, solid, status } from './shown.ts'

describe.skipIf(missing)(`the demo without published models${missing}`, { timeout: 180_000 }, () => {
  const { open } = demoSite({ published: false })

  it('uses the open pack, says so, and offers nothing else', async () => {
    const { page, problems } = await open()
    await ready(page)
    expect(await page.textContent('#status')).toContain('open model pack')
    expect((await measured(page))['Model']).toContain('open, tdfa_open')
    const offered = (id: string) =>
      page.$$eval(`#${id} option:not([disabled])`, (all) => all.map((o) => (o as HTMLOptionElement).value))
    expect(await offered('model')).toEqual(['open'])
    expect(await offered('detector')).toEqual(['open'])
    await page.click('#sample')
    await faces(page, 2)
    for (const overlay of ['sparse', 'dense', 'mesh', 'depth', 'pncc', 'pose', 'texture'])
      await page.check(`input[value=${overlay}]`, { force: true })
    await page.waitForSelector('#mesh canvas')
    // What is missing beside the page is asked for once, and that is no fault.
    expect(problems.filter((problem) => !/404/.test(problem))).toEqual([])
  })

  it('goes on with the open pack when the list of published models never comes', async () => {
    const { page } = await open()
    let asked = 0
    await page.route(/models\.json/, () => void asked++)
    await page.reload()
    // The store waits 20 seconds for it.
    await page.waitForFunction(
      () => document.querySelector('#status')?.textContent?.includes('open model pack'),
      null,
      {
        timeout: 60_000,
      },
    )
    await ready(page)
    expect(asked).toBeGreaterThan(0)
  })

  it('moves the mesh by its expressions, whose sliders have names, and back', async () => {
    const { page, problems } = await open()
    await ready(page)
    const count = await page.locator('#modes input').count()
    expect(count).toBe(32)
    expect(await page.isDisabled('#reset-expression')).toBe(true)
    await page.click('#sample')
    await solid(page)
    const values = () => page.$$eval('#modes input', (all) => all.map((input) => (input as HTMLInputElement).value))
    const own = await values()
    expect(own.filter((value) => value !== '0').length).toBeGreaterThan(5)
    const mesh = page.locator('#mesh')
    const before = await settled(mesh)
    await page.getByLabel('Eye blink left').fill('1')
    const blinking = await settled(mesh, before)
    await page.getByLabel('Jaw open').fill('1')
    const gaping = await settled(mesh, blinking)
    expect(await holes(gaping)).toBe(0)
    const [gapes, waits] = morphsOf(await download(page, 'glb'))
    expect(gapes!['jawOpen']).toBe(1)
    expect(waits!['jawOpen']).toBeLessThan(0.5)
    expect(Object.keys(gapes!)).toHaveLength(32)
    const gapingPly = await download(page, 'ply')
    await page.click('#reset-expression')
    const after = await settled(mesh, gaping)
    expect((await download(page, 'ply')).equals(gapingPly)).toBe(false)
    await page.getByLabel('Mouth smile right').fill('1')
    await settled(mesh, after)
    await page.click('#reset-expression')
    await expect.poll(async () => (await mesh.screenshot()).equals(after), { timeout: 10_000 }).toBe(true)
    expect(await values()).toEqual(own)
    expect(problems.filter((problem) => !/404/.test(problem))).toEqual([])
  })

  it('gives the mesh the expression that its sliders show, whatever comes between', async () => {
    const { page } = await open()
    await ready(page)
    await page.click('#sample')
    await faces(page, 2)
    const jaw = page.getByLabel('Jaw open')
    await page.selectOption('#detectSize', '640')
    await jaw.fill('1')
    await ready(page)
    const gaping = await download(page, 'ply')
    await page.selectOption('#smoothing', 'none')
    // That loads nothing.
    expect(await page.getAttribute('html', 'data-engine')).toBe('ready')
    expect((await download(page, 'ply')).equals(gaping)).toBe(true)
    expect(await jaw.inputValue()).toBe('1')
    // Long to look at, so that what is moved meanwhile waits.
    const buffer = await sharp(sample).resize(5520, 3680).jpeg().toBuffer()
    await page.setInputFiles('#photo-file', { name: 'large.jpg', mimeType: 'image/jpeg', buffer })
    await status(page, 'Looking for faces')
    for (const value of ['0.9', '0.8']) await jaw.fill(value)
    await page.click('#sample')
    await expect.poll(() => page.textContent('#status'), { timeout: 30_000 }).toBe('2 faces.')
    await page.waitForTimeout(600)
    expect(Number(await jaw.inputValue())).toBeLessThan(0.5)
    const own = await download(page, 'ply')
    expect(own.equals(gaping)).toBe(false)
    await page.click('#reset-expression')
    expect((await download(page, 'ply')).equals(own)).toBe(true)
  })

  it('finds faces of a picture that lies on its side where they may stand any way', async () => {
    const { page, problems } = await open()
    await ready(page)
    const turned = await sharp(sample).rotate(270).png().toBuffer()
    await page.setInputFiles('#photo-file', { name: 'turned.png', mimeType: 'image/png', buffer: turned })
    await expect.poll(() => page.textContent('#status')).toContain('No face found.')
    await choose(page, 'roll', 'any')
    await faces(page, 2)
    const { images } = JSON.parse((await download(page, 'json')).toString())
    for (const { pose } of images[0].faces) expect(Math.abs(pose.roll + 90)).toBeLessThan(30)
    expect(problems.filter((problem) => !/404/.test(problem))).toEqual([])
  })

  it('shows the chosen face in 3D, by the list or by its number on the picture', async () => {
    const { page, problems } = await open()
    await ready(page)
    await page.click('#sample')
    await solid(page)
    const mesh = page.locator('#mesh')
    const whose = () => page.textContent('#solid h2')
    const jaw = page.getByLabel('Jaw open')
    const first = await settled(mesh)
    expect(await whose()).toBe('Mesh of face 1')
    const own = await download(page, 'ply')
    await jaw.fill('1')
    const gaping = await settled(mesh, first)
    await page.click('.number:text("2")')
    const second = await settled(mesh, gaping)
    expect(await whose()).toBe('Mesh of face 2')
    expect(Number(await jaw.inputValue())).toBeLessThan(0.5)
    await jaw.fill('1')
    const [other, chosen] = morphsOf(await download(page, 'glb'))
    expect([other!['jawOpen']! < 0.5, chosen!['jawOpen']]).toEqual([true, 1])
    await page.focus('#faces input:checked')
    await page.keyboard.press('ArrowUp')
    await settled(mesh, second)
    expect(await whose()).toBe('Mesh of face 1')
    expect((await download(page, 'ply')).equals(own)).toBe(true)
    // Elsewhere than the faces.
    await page.check('input[value=texture]', { force: true })
    expect(await page.isVisible('.number')).toBe(false)
    const one = await sharp(sample).extract({ left: 0, top: 0, width: 400, height: 600 }).png().toBuffer()
    await page.setInputFiles('#photo-file', { name: 'one.png', mimeType: 'image/png', buffer: one })
    await faces(page, 1)
    expect([await whose(), await page.isVisible('#faces input')]).toEqual(['Mesh', false])
    expect(problems.filter((problem) => !/404/.test(problem))).toEqual([])
  })

  it('shows picture and mesh again after the browser has lost its GPU', async () => {
    const { page } = await open()
    await ready(page)
    await page.click('#sample')
    await solid(page)
    const shown = ['#picture', '#mesh'].map((id) => page.locator(id))
    const before = await Promise.all(shown.map((one) => settled(one)))
    const restored = page.$eval(
      '#mesh canvas',
      (canvas) => new Promise((resolve) => canvas.addEventListener('webglcontextrestored', () => resolve(true))),
    )
    await (await page.context().browser()!.newBrowserCDPSession()).send('Browser.crashGpuProcess')
    await restored
    for (const [i, one] of shown.entries())
      await expect.poll(async () => (await one.screenshot()).equals(before[i]!), { timeout: 10_000 }).toBe(true)
  })

  it('turns the mesh to its side and no further, and back to the front', async () => {
    const { page } = await open()
    await ready(page)
    expect(await page.isDisabled('#front')).toBe(true)
    await page.click('#sample')
    await solid(page)
    const mesh = page.locator('#mesh')
    await page.focus('#mesh')
    const press = async (key: string, times: number, before?: Buffer) => {
      for (let i = 0; i < times; i++) await page.keyboard.press(key)
      return settled(mesh, before)
    }
    // The mark of focus comes with the first key.
    const focused = await press('Home', 1)
    const side = await press('ArrowRight', 14, focused)
    expect((await press('ArrowRight', 8)).equals(side)).toBe(true)
    // Past the profile the inside is seen too.
    expect(await colored(side)).toBeGreaterThan(0.25 * (await colored(focused)))
    expect((await press('Home', 1, side)).equals(focused)).toBe(true)
  })

  it('says that a photograph was made smaller, and of what size the downloads are', async () => {
    const { page } = await open()
    await ready(page)
    const large = await sharp(sample).resize(5520, 3680).jpeg().toBuffer()
    await page.setInputFiles('#photo-file', { name: 'large.jpg', mimeType: 'image/jpeg', buffer: large })
    await status(page, "2 faces. The picture's 5520 x 3680 pixels were made 5016 x 3344")
    const { images } = JSON.parse((await download(page, 'json')).toString())
    expect(images[0]).toMatchObject({ width: 5016, height: 3344 })
  })

  it('finds smaller faces in a larger detect size', async () => {
    const { page } = await open()
    await ready(page)
    const small = await sharp(sample).resize({ width: 220 }).toBuffer()
    const wide = sharp({ create: { width: 3000, height: 1200, channels: 3, background: '#888' } })
    const buffer = await wide
      .composite([{ input: small, left: 700, top: 300 }])
      .png()
      .toBuffer()
    await page.setInputFiles('#photo-file', { name: 'wide.png', mimeType: 'image/png', buffer })
    await status(page, 'No face found. Try a larger detect size')
    await choose(page, 'detectSize', '1920')
    await faces(page, 2)
    await choose(page, 'detectSize', '320')
    await faces(page, 0)
  })

  it('draws in either style, and the pose as box, axes or both', async () => {
    const { page } = await open()
    await ready(page)
    await page.click('#sample')
    await solid(page)
    const picture = page.locator('#picture')
    await page.check('input[value=pose]', { force: true })
    let last = await settled(picture)
    for (const [select, value] of [
      ['pose-as', 'axes'],
      ['pose-as', 'box'],
      ['style', 'dense-head'],
    ] as const) {
      await page.selectOption(`#${select}`, value)
      last = await settled(picture, last)
    }
    expect(await page.getAttribute('html', 'data-engine')).toBe('ready')
  })
})

/** Weights of each mesh's morph targets by name. */
function morphsOf(glb: Buffer): Record<string, number>[] {
  const { meshes } = JSON.parse(glb.toString('utf8', 20, 20 + glb.readUInt32LE(12)))
  return meshes.map(({ weights, extras }: { weights: number[]; extras: { targetNames: string[] } }) =>
    Object.fromEntries(extras.targetNames.map((name, k) => [name, weights[k]!])),
  )
}

/** Pixels of the ground that what is shown surrounds: through an open mouth one would see it. */
async function holes(png: Buffer): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const [left, top] = [20, 20]
  const corner = 3 * (top * width + left)
  const isGround = (i: number) => [0, 1, 2].every((c) => Math.abs(data[3 * i + c]! - data[corner + c]!) <= 2)
  const ground = Uint8Array.from({ length: width * height }, (_, i) => (isGround(i) ? 1 : 0))
  const reached = [top * width + left]
  for (let i = reached.pop(); i !== undefined; i = reached.pop()) {
    if (!ground[i]) continue
    ground[i] = 0
    reached.push(i - 1, i + 1, i - width, i + width)
  }
  // The mark of focus lies around all of it.
  let count = 0
  for (let y = top; y < height - top; y++) for (let x = left; x < width - left; x++) count += ground[y * width + x]!
  return count
}

/** Share of the pixels that are unlike the one in the corner (beside the mark of focus). */
async function colored(png: Buffer): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const ground = 3 * (20 * info.width + 20)
  let count = 0
  for (let i = 0; i < data.length; i += 3)
    if ([0, 1, 2].some((c) => Math.abs(data[i + c]! - data[ground + c]!) > 12)) count++
  return (3 * count) / data.length
}

/** What an element looks like once it looks the same twice, and other than `before`. */
async function settled(locator: Locator, before?: Buffer): Promise<Buffer> {
  let last = await locator.screenshot()
  for (let tries = 0; tries < 60; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 150))
    const next = await locator.screenshot()
    if (next.equals(last) && !(before && next.equals(before))) return next
    last = next
  }
  throw new Error(before ? 'It does not change.' : 'It does not come to rest.')
}
