import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { noFfmpeg } from '../../../scripts/moving-sample.mjs'
import { shared } from '../../../scripts/shared.mjs'
import { demoSite, missingPublished } from './demo.ts'
import { alertOf, choose, faces, measured, playing, ready, status } from './shown.ts'

const missing = missingPublished || (shared('videos') ? '' : ' (skipped: ../shared/videos is not here)')

describe.skipIf(missing)(`moving faces in the demo${missing}`, { timeout: 180_000 }, () => {
  const { open } = demoSite({ published: true })

  it('follows the faces of a video file', async () => {
    const { page, problems } = await open()
    await ready(page)
    await choose(page, 'smoothing', 'look-ahead')
    await page.setInputFiles('#video-file', shared('videos/headpose-female-and-male.mp4')!)
    await faces(page, 2)
    // It stays chosen while the frames go on.
    await page.click('#faces li:nth-child(2) input')
    await status(page, 'The video is over.')
    expect(await page.textContent('#whose')).toBe(
      ` of face ${await page.getAttribute('#faces li:nth-child(2)', 'value')}`,
    )
    expect(await page.evaluate(() => document.activeElement?.closest('li')?.value)).toBe(2)
    // The browser tells of another choice only where the last one is forgotten.
    expect(await page.inputValue('#video-file')).toBe('')
    await page.setInputFiles('#video-file', { name: 'a.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video') })
    expect(await alertOf(page)).toContain('a.mp4 is not a video that this browser can play')
    expect(problems).toEqual([])
  })

  it('goes from any source to any other, whatever still waits for an answer', async () => {
    const { page, problems } = await open(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'])
    await ready(page)
    await page.evaluate(askForTheCamera, 400)
    const heard = () => page.isHidden('#alert')

    await page.setInputFiles('#video-file', shared('videos/headpose-female-and-male.mp4')!)
    await faces(page, 2)
    await page.click('#webcam')
    expect(await playing(page)).toEqual({ webcam: true, stop: true })
    // Chromium's camera shows no face.
    await status(page, 'No face found')
    expect(await heard()).toBe(true)

    const noVideo = { name: 'a.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video') }
    await page.setInputFiles('#video-file', noVideo)
    expect(await alertOf(page)).toContain('a.mp4 is not a video')
    expect(await playing(page)).toEqual({ webcam: false, stop: false })

    await page.click('#webcam')
    await page.click('#sample')
    await status(page, '2 faces.')
    await page.waitForTimeout(600)
    expect(await page.textContent('#status')).toBe('2 faces.')
    expect(await playing(page)).toEqual({ webcam: false, stop: false })

    await page.dblclick('#webcam')
    expect(await playing(page)).toEqual({ webcam: false, stop: false })
    await page.click('#webcam')
    await status(page, 'No face found')
    await page.click('#webcam')
    await status(page, 'Stopped.')
    expect(await heard()).toBe(true)

    await page.click('#webcam')
    await status(page, 'No face found')
    await page.$eval('#video', (video) => {
      const [track] = ((video as HTMLVideoElement).srcObject as MediaStream).getTracks()
      track!.dispatchEvent(new Event('ended'))
    })
    expect(await alertOf(page)).toContain('The camera went away')
    expect(await playing(page)).toEqual({ webcam: false, stop: false })
    expect(problems).toEqual([])
  })

  it.skipIf(noFfmpeg)(`follows a webcam without growing${noFfmpeg}`, { timeout: 400_000 }, async () => {
    const { page, problems } = await open([
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${fakeCamera()}`,
      '--enable-precise-memory-info',
      '--js-flags=--expose-gc',
    ])
    await ready(page)
    await page.click('#webcam')
    await faces(page, 1)
    expect(await page.textContent('#status')).toBe('Following one face.')
    const frames = Number(process.env['TDFA_DEMO_FRAMES'] ?? 150)
    const before = await memoryAfter(page, 60)
    const after = await memoryAfter(page, frames)
    const rate = (await measured(page))['frames a second']
    console.log(`webcam: ${before} MB after 60 frames, ${after} MB after ${frames} more, ${rate} frames a second`)
    // Rendering keeps its memory; what is left is what the collector has not come to yet. 2,000 frames end where 150 do.
    expect(after - before).toBeLessThan(100)
    await page.click('#stop')
    expect(await page.textContent('#status')).toBe('Stopped.')
    expect(problems).toEqual([])
  })
})

/** In the page: somebody takes this long to allow the camera. */
function askForTheCamera(milliseconds: number): void {
  const devices = navigator.mediaDevices
  const ask = devices.getUserMedia.bind(devices)
  devices.getUserMedia = async (wanted) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    return ask(wanted)
  }
}

/** The first seconds of a video, as Chromium plays them for a camera; gone after the test. */
function fakeCamera(): string {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-camera-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const camera = join(folder, 'camera.y4m')
  const format = ['-t', '4', '-vf', 'scale=320:-2', '-pix_fmt', 'yuv420p']
  execFileSync('ffmpeg', ['-v', 'error', '-i', shared('videos/obama.mp4')!, ...format, camera])
  return camera
}

/** Megabytes of the whole page (JavaScript, WebAssembly, workers) after some more frames. */
async function memoryAfter(page: Page, frames: number): Promise<number> {
  await page.evaluate(
    (count) =>
      new Promise<void>((resolve) => {
        let seen = 0
        const observer = new MutationObserver(() => {
          if (++seen < count) return
          observer.disconnect()
          resolve()
        })
        observer.observe(document.querySelector('#faces')!, { childList: true, subtree: true })
      }),
    frames,
  )
  const client = await page.context().newCDPSession(page)
  await client.send('HeapProfiler.collectGarbage')
  const { processInfo } = await (await page.context().browser()!.newBrowserCDPSession()).send(
    'SystemInfo.getProcessInfo',
  )
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  return Math.round(
    renderers.reduce((sum, pid) => {
      const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
      return sum + kilobytes / 1000
    }, 0),
  )
}
