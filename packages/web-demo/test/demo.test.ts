import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AlignResult, FaceAligner, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createFaceBoxes } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { loadMorphableModel, openModelStore } from '@3ddfa/models/node'
import { unzipSync } from 'fflate'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../../scripts/chromium.mjs'
import { useLocalModels } from '../../../scripts/setup.mjs'
import { shared } from '../../../scripts/shared.mjs'
import { openDemo, ready, serveDemo } from './demo.ts'

const photo = shared('golden/trump_hillary_input.png')
const video = shared('videos/obama.mp4')
const hasFfmpeg = (() => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
const missing = !findChromium() ? 'no Chromium on this machine' : !photo ? '../shared is not here' : ''
const axe = createRequire(import.meta.url).resolve('axe-core')

useLocalModels()

/** Until the list of faces has this many. */
const faces = (page: Page, count: number) =>
  page.waitForFunction((n) => document.querySelectorAll('#faces li').length === n, count, { timeout: 30_000 })

const text = (page: Page, id: string) => page.textContent(`#${id}`)

async function measured(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('#measured tr')].map((row) => [
        row.children[0]!.textContent!,
        row.children[1]!.textContent!,
      ]),
    ),
  )
}

async function download(page: Page, format: string): Promise<Buffer> {
  const [event] = await Promise.all([
    page.waitForEvent('download'),
    page.click(`#downloads button:text-is(".${format}")`),
  ])
  return readFileSync(await event.path())
}

describe.skipIf(missing)(`the demo in Chromium${missing && ` (skipped: ${missing})`}`, { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-demo-'))
  let site: Awaited<ReturnType<typeof serveDemo>>

  beforeAll(async () => {
    execFileSync('node', ['scripts/models.mjs'], { cwd: join(import.meta.dirname, '..'), stdio: 'ignore' })
    site = await serveDemo(join(folder, 'site'))
  })
  afterAll(async () => {
    await site?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A page that is ready. */
  async function open(args?: string[], options?: Parameters<typeof openDemo>[2]) {
    const demo = await openDemo(site.url, args, options)
    await demo.page.waitForSelector(ready, { timeout: 60_000 })
    return demo
  }

  it('finds the landmarks of a photograph where Node does, within 0.5 px', async () => {
    const { page, problems, close } = await open()
    try {
      expect(await page.evaluate('crossOriginIsolated')).toBe(false)
      await page.setInputFiles('#photo-file', photo!)
      await faces(page, 2)
      expect(await text(page, 'status')).toBe('2 faces.')
      const result: AlignResult = JSON.parse((await download(page, 'json')).toString())
      const expected = await alignInNode(photo!)
      result.images[0]!.faces!.forEach((face, f) => {
        const points = expected[f]!.landmarks
        const far = face.landmarks.map(([x, y], i) => Math.hypot(x! - points[3 * i]!, y! - points[3 * i + 1]!))
        expect(far).toHaveLength(68)
        expect(Math.max(...far)).toBeLessThan(0.5)
      })
      expect(problems).toEqual([])
    } finally {
      await close()
    }
  })

  it('shows every overlay, and hands out every format', async () => {
    const { page, problems, close } = await open()
    try {
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
    } finally {
      await close()
    }
  })

  it('works with every detector and backend', async () => {
    const { page, problems, close } = await open()
    try {
      for (const [select, value, name] of [
        ['detector', 'ultraface', 'ultraface'],
        ['detector', 'yunet', 'yunet'],
        ['backend', 'reference', 'reference'],
      ] as const) {
        await page.selectOption(`#${select}`, value)
        await page.waitForSelector(ready)
        expect(Object.values(await measured(page))).toContain(name)
        await page.click('#sample')
        await faces(page, 2)
      }
      expect(problems).toEqual([])
    } finally {
      await close()
    }
  })

  it('loads nothing on the second visit, and works without a network then', async () => {
    const { page, close } = await open()
    try {
      const asked: string[] = []
      page.on('request', (request) => asked.push(new URL(request.url()).pathname))
      await page.reload()
      await page.waitForSelector(ready)
      expect(asked.filter((path) => /\.(onnx|safetensors)$/.test(path))).toEqual([])
    } finally {
      await close()
    }
  })

  it('lets one choose the open pack, and goes back', async () => {
    const { page, problems, close } = await open()
    try {
      for (const [model, detector, shown] of [
        ['open', 'open', 'open, tdfa_open'],
        ['published', 'faceboxes', 'mb05, bfm'],
      ] as const) {
        const modes = model === 'open' ? ['Brow down left', 32] : ['Mode 1', 10]
        await page.click('#sample')
        await faces(page, 2)
        for (const [select, value] of [
          ['model', model],
          ['detector', detector],
        ] as const) {
          await page.selectOption(`#${select}`, value)
          await page.waitForSelector(ready)
        }
        expect((await measured(page))['Model']).toContain(shown)
        const labels = await page.$$eval('#modes label', (all) => all.map((label) => label.textContent))
        expect([labels[0], labels.length]).toEqual(modes)
        await page.click('#sample')
        await faces(page, 2)
        await page.waitForSelector('#mesh canvas')
        await page.locator('#modes input').first().fill('0.5')
      }
      expect(problems).toEqual([])
    } finally {
      await close()
    }
  })

  it('says what is missing: faces, a picture', async () => {
    const { page, close } = await open()
    try {
      const plain = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#789' } })
        .png()
        .toBuffer()
      await page.setInputFiles('#photo-file', { name: 'plain.png', mimeType: 'image/png', buffer: plain })
      await page.waitForFunction(() => document.querySelector('#status')!.textContent!.startsWith('No face found'))
      await page.setInputFiles('#photo-file', {
        name: 'a.png',
        mimeType: 'image/png',
        buffer: Buffer.from('no picture'),
      })
      await page.waitForSelector('#alert:not([hidden])')
      expect(await text(page, 'alert')).toBe(
        'a.png is not a picture that this browser can read; try a JPEG, PNG or WebP file.',
      )
    } finally {
      await close()
    }
  })

  it('says why there is no camera', async () => {
    const { page, close } = await open()
    try {
      await page.click('#webcam')
      await page.waitForSelector('#alert:not([hidden])')
      expect(await text(page, 'alert')).toMatch(/^(There is no camera|This page may not use the camera)/)
    } finally {
      await close()
    }
  })

  it('has no serious finding of axe, in light and dark, wide and narrow', async () => {
    for (const options of [
      { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
      { colorScheme: 'dark', viewport: { width: 390, height: 800 } },
    ] as const) {
      const { page, close } = await open([], { ...options, bypassCSP: true })
      try {
        await page.click('#sample')
        await faces(page, 2)
        await page.addScriptTag({ path: axe })
        const { violations } = await page.evaluate(() => (globalThis as never as { axe: Axe }).axe.run())
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        expect(serious.map(({ id, nodes }) => [id, nodes[0]!.html])).toEqual([])
        const wider = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
        expect(wider).toBe(false)
      } finally {
        await close()
      }
    }
  })

  it('runs on WebGPU (SwiftShader), and without one says what runs instead', async () => {
    const gpu = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-webgpu-adapter=swiftshader']
    for (const [args, network] of [
      [gpu, 'WebGPU'],
      [[], 'WebAssembly'],
    ] as const) {
      const { page, close } = await open([...args])
      try {
        await page.selectOption('#provider', 'webgpu')
        await page.waitForSelector(ready, { timeout: 60_000 })
        const shown = await measured(page)
        expect(shown['Network']).toBe(network)
        if (network === 'WebAssembly') expect(shown['Notes']).toContain('webgpu: this')
        await page.click('#sample')
        await faces(page, 2)
      } finally {
        await close()
      }
    }
  })

  it('goes on with WebAssembly when the GPU is lost', async () => {
    const gpu = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-webgpu-adapter=swiftshader']
    const { page, close } = await open(gpu)
    try {
      await page.selectOption('#provider', 'webgpu')
      await page.waitForSelector(ready, { timeout: 60_000 })
      await page.click('#sample')
      await faces(page, 2)
      await (await page.context().browser()!.newBrowserCDPSession()).send('Browser.crashGpuProcess')
      await page.click('#sample')
      await page.waitForSelector('#alert:not([hidden])')
      expect(await text(page, 'alert')).toContain('The GPU was lost. WebAssembly takes its place')
      expect((await measured(page))['Network']).toBe('WebAssembly')
      await page.click('#sample')
      await page.waitForFunction(() => document.querySelector('#status')!.textContent === '2 faces.')
    } finally {
      await close()
    }
  })

  const noVideo = !video ? '../shared/videos is not here' : !hasFfmpeg ? 'no ffmpeg on this machine' : ''
  it.skipIf(!video)(
    `follows the faces of a video file${video ? '' : ' (skipped: ../shared/videos is not here)'}`,
    async () => {
      const { page, problems, close } = await open()
      try {
        await page.selectOption('#smoothing', 'look-ahead')
        await page.waitForSelector(ready)
        await page.setInputFiles('#video-file', shared('videos/headpose-female-and-male.mp4')!)
        await faces(page, 2)
        await page.waitForFunction(() => document.querySelector('#status')!.textContent === 'The video is over.')
        const text = { name: 'a.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video') }
        await page.setInputFiles('#video-file', text)
        await page.waitForSelector('#alert:not([hidden])')
        expect(await page.textContent('#alert')).toContain('a.mp4 is not a video that this browser can play')
        expect(problems).toEqual([])
      } finally {
        await close()
      }
    },
  )

  it.skipIf(noVideo)(
    `follows a webcam without growing${noVideo && ` (skipped: ${noVideo})`}`,
    { timeout: 400_000 },
    async () => {
      const camera = join(folder, 'camera.y4m')
      if (!existsSync(camera))
        execFileSync('ffmpeg', [
          '-v',
          'error',
          '-i',
          video!,
          '-t',
          '4',
          '-vf',
          'scale=320:-2',
          '-pix_fmt',
          'yuv420p',
          camera,
        ])
      const { page, problems, close } = await open([
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        `--use-file-for-fake-video-capture=${camera}`,
        '--enable-precise-memory-info',
        '--js-flags=--expose-gc',
      ])
      try {
        await page.click('#webcam')
        await faces(page, 1)
        expect(await text(page, 'status')).toBe('Following one face.')
        const frames = Number(process.env['TDFA_DEMO_FRAMES'] ?? 150)
        const before = await memoryAfter(page, 60)
        const after = await memoryAfter(page, frames)
        console.log(
          `webcam: ${before} MB after 60 frames, ${after} MB after ${frames} more, ${(await measured(page))['frames a second']} frames a second`,
        )
        // Rendering keeps its memory; what is left is what the collector has not come to yet. 2,000 frames end where 150 do.
        expect(after - before).toBeLessThan(100)
        await page.click('#stop')
        expect(await text(page, 'status')).toBe('Stopped.')
        expect(problems).toEqual([])
      } finally {
        await close()
      }
    },
  )
})

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
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
        observer.observe(document.querySelector('#faces')!, { childList: true })
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

async function alignInNode(path: string) {
  const store = openModelStore({ onWarning: () => {} })
  const backend = new ReferenceBackend()
  const aligner = await FaceAligner.create({
    detector: createFaceBoxes(await createNodeSession(await store.ensure('faceboxes')), { resampler: backend }),
    regressor: new SessionParamRegressor(await createNodeSession(await store.ensure('mb05')), 'mb05'),
    model: await loadMorphableModel(store),
    backend,
  })
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const found = await aligner.align({ data, width: info.width, height: info.height, channels: 3 })
  await aligner.dispose()
  return found
}
