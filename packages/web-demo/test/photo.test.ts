import { type AlignOptions, type AlignResult, FaceAligner, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createFaceBoxes } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, openModelStore } from '@3ddfa/models/node'
import { unzipSync } from 'fflate'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { demoSite, missingPublished } from './demo.ts'
import { choose, download, faces, measured, ready, status } from './shown.ts'

describe.skipIf(missingPublished)(`photographs in the demo${missingPublished}`, { timeout: 180_000 }, () => {
  const site = demoSite({ published: true })
  const open = async () => {
    const demo = await site.open()
    await ready(demo.page)
    return demo
  }

  // The second has a colour profile, the third is larger than any screen. Of that one Node is given the page's regions: crops are whole
  // pixels, so that a box's fourth digit may move one, and with it what the network sees of a face of 700 px.
  it.each([
    { name: 'golden/trump_hillary_input.png', count: 2 },
    { name: 'images/trump_hillary.jpg', count: 2 },
    { name: 'images/emma.jpg', count: 3, given: true },
  ])('finds the landmarks of $name where Node does, within 0.5 px', async ({ name, count, given }) => {
    const { page, problems } = await open()
    const photo = shared(name)!
    expect(await page.evaluate('crossOriginIsolated')).toBe(false)
    await page.setInputFiles('#photo-file', photo)
    await faces(page, count)
    expect(await page.textContent('#status')).toBe(`${count} faces.`)
    const result: AlignResult = JSON.parse((await download(page, 'json')).toString())
    const seen = result.images[0]!.faces!
    const found = await alignInNode(photo)
    const rois = seen.map(({ roi: [x1, y1, x2, y2] }) => ({ x1: x1!, y1: y1!, x2: x2!, y2: y2! }))
    const expected = given ? await alignInNode(photo, { rois }) : found
    expect(found).toHaveLength(count)
    seen.forEach((face, f) => {
      const { x1, y1, x2, y2 } = found[f]!.box!
      face.box!.forEach((edge, i) => {
        expect(Math.abs(edge - [x1, y1, x2, y2][i]!)).toBeLessThan(0.1)
      })
      const points = expected[f]!.landmarks
      const far = face.landmarks.map(([x, y], i) => Math.hypot(x! - points[3 * i]!, y! - points[3 * i + 1]!))
      expect(far).toHaveLength(68)
      expect(Math.max(...far)).toBeLessThan(0.5)
    })
    expect(problems).toEqual([])
  })

  it('shows every overlay, and hands out every format', async () => {
    const { page, problems } = await open()
    await page.click('#sample')
    await faces(page, 2)
    const seen = new Set<string>()
    for (const overlay of ['sparse', 'dense', 'mesh', 'depth', 'pncc', 'pose', 'texture', 'none']) {
      await page.check(`input[value=${overlay}]`, { force: true })
      seen.add((await download(page, 'png')).toString('base64'))
    }
    expect(seen.size).toBe(8)
    expect(Object.keys(unzipSync(await download(page, 'obj')))).toEqual([
      'face.obj',
      'face.mtl',
      'face_1.png',
      'face_2.png',
    ])
    expect((await download(page, 'ply')).toString('latin1', 0, 60)).toContain('binary_little_endian')
    expect((await download(page, 'glb')).toString('latin1', 0, 4)).toBe('glTF')
    await page.waitForSelector('#mesh canvas')
    await page.focus('#mesh')
    await page.keyboard.press('ArrowLeft')
    expect(problems).toEqual([])
  })

  it('works with every detector and backend', async () => {
    const { page, problems } = await open()
    for (const [id, name] of [
      ['detector', 'ultraface'],
      ['detector', 'yunet'],
      ['backend', 'reference'],
    ] as const) {
      await choose(page, id, name)
      expect(Object.values(await measured(page))).toContain(name)
      await page.click('#sample')
      await faces(page, 2)
      // Its network takes one size.
      expect(await page.isDisabled('#detectSize')).toBe(name === 'ultraface')
    }
    expect(problems).toEqual([])
  })

  it('loads no model again on the second visit', async () => {
    const { page } = await open()
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.reload()
    await ready(page)
    expect(asked.filter((path) => /\.(onnx|safetensors)$/.test(path))).toEqual([])
  })

  it('lets one choose the open pack, and goes back', async () => {
    const { page, problems } = await open()
    for (const { model, detector, shown, modes } of [
      { model: 'open', detector: 'open', shown: 'open, tdfa_open', modes: ['Brow down left', 32] },
      { model: 'published', detector: 'faceboxes', shown: 'mb05, bfm', modes: ['Mode 1', 10] },
    ]) {
      await page.click('#sample')
      await faces(page, 2)
      await page.selectOption('#model', model)
      // Still of the model before.
      await page.locator('#modes input').first().fill('0.5')
      await ready(page)
      const mesh = await download(page, 'ply')
      await page.click('#reset-expression')
      expect((await download(page, 'ply')).equals(mesh)).toBe(true)
      await choose(page, 'detector', detector)
      expect((await measured(page))['Model']).toContain(shown)
      const labels = await page.$$eval('#modes label', (all) => all.map((label) => label.textContent))
      expect([labels[0], labels.length]).toEqual(modes)
      // The photograph stays, with the faces that the new models find on it.
      await faces(page, 2)
      const again: AlignResult = JSON.parse((await download(page, 'json')).toString())
      expect(again.models).toMatchObject({ detector, regressor: shown.split(', ')[0] })
      await page.click('#sample')
      await status(page, '2 faces.')
      const anew: AlignResult = JSON.parse((await download(page, 'json')).toString())
      expect(again.images).toEqual(anew.images)
      await page.waitForSelector('#mesh canvas')
      await page.locator('#modes input').first().fill('0.5')
    }
    expect(problems).toEqual([])
  })
})

async function alignInNode(path: string, options?: AlignOptions) {
  const store = openModelStore({ onWarning: () => {} })
  const backend = new ReferenceBackend()
  const aligner = await FaceAligner.create({
    detector: createFaceBoxes(await createNodeSession(await store.ensure('faceboxes')), { resampler: backend }),
    regressor: new SessionParamRegressor(await createNodeSession(await store.ensure('mb05')), 'mb05'),
    model: await loadMorphableModel(store),
    backend,
  })
  const { data, info } = await sharp(path, { ignoreIcc: true })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const found = await aligner.align({ data, width: info.width, height: info.height, channels: 3 }, options)
  await aligner.dispose()
  return found
}
