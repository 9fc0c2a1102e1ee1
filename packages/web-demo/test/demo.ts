import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exportForWeb, openModelStore } from '@3ddfa/models/node'
import type { Browser, Page } from 'playwright-core'
import { build, preview } from 'vite'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { findChromium, launchChromium } from '../../../scripts/chromium.mjs'
import { writeMovingSample } from '../../../scripts/moving-sample.mjs'
import { useLocalModels } from '../../../scripts/setup.mjs'
import { shared } from '../../../scripts/shared.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Two faces. */
export const sample: string = join(root, 'public/sample.png')
const configFile = join(root, 'vite.config.ts')

/** Why the page cannot be tested here, or nothing. */
export const missing: string = findChromium() ? '' : ' (skipped: no Chromium on this machine)'
/** The same for the page with published models beside it. */
export const missingPublished: string =
  missing || (shared('upstream') && shared('golden') ? '' : ' (skipped: ../shared is not here)')

/** A video in which the sample's two faces move; gone after the test. */
export function movingSample(extension: 'mp4' | 'webm'): string {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-moving-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, `moving.${extension}`)
  writeMovingSample(path)
  return path
}

interface Demo {
  readonly page: Page
  /** What the page logged as an error or asked of another origin. */
  readonly problems: string[]
}

export interface DemoSite {
  /** Where the page is, once tests run. */
  readonly url: string
  /** Opens a page in a browser of its own, which ends with the test. `path`: below the page's address. */
  open(args?: readonly string[], options?: Parameters<Browser['newContext']>[0], path?: string): Promise<Demo>
}

/** The built page for the tests of one `describe`, under a path of its own, without COOP and COEP. */
export function demoSite({ published }: { readonly published: boolean }): DemoSite {
  let folder: string
  let site: Awaited<ReturnType<typeof serve>>
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), '3ddfa-demo-'))
    site = await serve(folder, published)
  })
  afterAll(async () => {
    await site?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })
  return {
    get url() {
      return site.url
    },
    open: (args = [], options = {}, path = '') => openPage(site.url + path, args, options),
  }
}

async function serve(outDir: string, published: boolean): Promise<{ url: string; close(): Promise<void> }> {
  await build({ root, configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  // What lies in public/models depends on the machine.
  const models = join(outDir, 'models')
  rmSync(models, { recursive: true, force: true })
  if (published) {
    useLocalModels()
    mkdirSync(models)
    const store = openModelStore({ onWarning: () => {} })
    await exportForWeb(store, models, ['mb05', 'faceboxes', 'bfm', 'ultraface', 'yunet'])
  }
  const server = await preview({
    root,
    configFile,
    base: '/some/where/',
    logLevel: 'error',
    build: { outDir },
    preview: { port: 0, host: '127.0.0.1' },
  })
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() }
}

async function openPage(url: string, args: readonly string[], options: Parameters<Browser['newContext']>[0]) {
  const browser = await launchChromium([...args])
  onTestFinished(() => browser.close())
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== new URL(url).origin) problems.push(`asked ${request.url()}`)
  })
  await page.goto(url)
  return { page, problems }
}
