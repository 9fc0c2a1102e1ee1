import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { noFfmpeg } from '../../../scripts/moving-sample.mjs'
import { lacks, type OpenedPage, OTHER_BROWSERS, openIn } from '../../../scripts/other-browsers.mjs'
import { demoSite, missing, movingSample, sample } from './demo.ts'
import { faces, ready } from './shown.ts'

for (const browser of OTHER_BROWSERS) {
  const lacking = lacks(browser) || missing
  describe.skipIf(lacking)(`the demo in ${browser}${lacking}`, { timeout: 240_000 }, () => {
    const site = demoSite({ published: false })
    const open = async () => {
      const page = await openIn(browser, site.url)
      onTestFinished(() => page.close())
      await page.until(`document.querySelector('html:is([data-engine=ready], [data-engine=failed])') !== null`)
      expect(await alertOf(page)).toBe('')
      return page
    }

    it('sees what Chromium sees, draws it in every way, and gives it its skin', async () => {
      const page = await open()
      const known = await inChromium(site)
      for (let time = 0; time < 2; time++) {
        await page.chooseFile('#photo-file', sample)
        await page.until(`document.querySelectorAll('#faces li').length === 2`)
        await page.until(`document.querySelector('#mesh canvas') !== null`)
        expect(await list(page)).toEqual(known)
      }
      let last = await look(page, '#picture')
      const seen = new Set([last])
      for (const overlay of ['sparse', 'dense', 'depth', 'pncc', 'pose', 'texture', 'none']) {
        await page.evaluate(`document.querySelector('input[value=${overlay}]').click()`)
        await expect.poll(async () => (await look(page, '#picture')) !== last, POLL).toBe(true)
        last = await look(page, '#picture')
        seen.add(last)
      }
      expect(seen.size).toBe(8)
      expect(await alertOf(page)).toBe('')
      // Grey where there is no skin, black where it did not arrive.
      const [red, , blue] = await middle(page, '#mesh')
      expect(red! - blue!).toBeGreaterThan(30)
    })

    it.skipIf(noFfmpeg)(`follows the faces of a video, and a camera${noFfmpeg}`, async () => {
      const page = await open()
      await page.chooseFile('#video-file', movingSample('webm'))
      await page.until(`${STATUS}.startsWith('Following 2 faces')`)
      await page.until(`${STATUS} === 'The video is over.'`)
      expect(await list(page)).toHaveLength(2)
      await page.evaluate(`document.querySelector('#webcam').click()`)
      // Their cameras show colours.
      await page.until(`${STATUS}.startsWith('No face found')`)
      await page.evaluate(`document.querySelector('#stop').click()`)
      await page.until(`${STATUS} === 'Stopped.'`)
      expect(await alertOf(page)).toBe('')
    })
  })
}

const POLL = { timeout: 20_000 }
const STATUS = `document.querySelector('#status').textContent`
const LIST = `Array.from(document.querySelectorAll('#faces li'), (item) => item.textContent)`

async function inChromium({ open }: ReturnType<typeof demoSite>): Promise<unknown> {
  const { page } = await open()
  await ready(page)
  await page.setInputFiles('#photo-file', sample)
  await faces(page, 2)
  return page.evaluate(LIST)
}

function list(page: OpenedPage): Promise<unknown> {
  return page.evaluate(LIST)
}

/** What went wrong, if it is shown. */
function alertOf(page: OpenedPage): Promise<unknown> {
  return page.evaluate(`(({ hidden, textContent }) => hidden ? '' : textContent)(document.querySelector('#alert'))`)
}

/** The pixels of an element, as text. */
async function look(page: OpenedPage, selector: string): Promise<string> {
  return (await cut(page, selector)).toString('base64')
}

/** Mean colour of the middle tenth of an element. */
async function middle(page: OpenedPage, selector: string): Promise<number[]> {
  const { channels } = await sharp(await cut(page, selector, 0.1)).stats()
  return channels.map(({ mean }) => mean)
}

/** The middle of an element, of which `share` is wanted either way. */
async function cut(page: OpenedPage, selector: string, share = 1): Promise<Buffer> {
  const box = (await page.evaluate(
    `(({ x, y, width, height }) => [x, y, width, height])(document.querySelector('${selector}').getBoundingClientRect())`,
  )) as [number, number, number, number]
  const [x, y, w, h] = box
  const [left, top, width, height] = [x + (w * (1 - share)) / 2, y + (h * (1 - share)) / 2, w * share, h * share].map(
    Math.round,
  )
  return sharp(await page.screenshot())
    .extract({ left: left!, top: top!, width: width!, height: height! })
    .removeAlpha()
    .png()
    .toBuffer()
}
