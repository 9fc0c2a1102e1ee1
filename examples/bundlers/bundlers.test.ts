import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launchChromium } from '../../scripts/chromium.mjs'
import { lacks, OTHER_BROWSERS, type OtherBrowser, openIn } from '../../scripts/other-browsers.mjs'
import { installWithPnpm, offline, packPackages, picture } from '../test/packed-packages.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const PACKAGES = [
  'packages/core',
  'packages/inference',
  'packages/detector',
  'packages/render-wasm',
  'models',
  'models/open',
]
const missing = findChromium() ? offline : ' (skipped: no Chromium on this machine)'
const run = promisify(execFile)
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.json': 'application/json',
}

/** Files of several folders, the first that has one, without COOP and COEP. */
async function serve(...folders: string[]): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://here').pathname.replace(/\/$/, '/index.html')
    const file = folders.map((folder) => join(folder, path)).find((candidate) => existsSync(candidate))
    if (!file) return response.writeHead(404).end()
    response
      .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
      .end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}

interface Result {
  readonly faces?: { yaw: number; vertices: number }[]
  readonly error?: string
}

const RESULT = `document.querySelector('#result').textContent`

/** What the page writes into its #result. */
async function resultOf(url: string): Promise<Result> {
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(String(error)))
    await page.goto(url)
    await page.waitForFunction(RESULT, undefined, { timeout: 60_000 }).catch((error: unknown) => {
      throw new Error(`Nothing came: ${errors.join('; ')} ${error}`)
    })
    return JSON.parse((await page.textContent('#result'))!)
  } finally {
    await browser.close()
  }
}

async function resultIn(browser: OtherBrowser, url: string): Promise<Result> {
  const page = await openIn(browser, url)
  try {
    return JSON.parse((await page.until(RESULT)) as string)
  } finally {
    await page.close()
  }
}

describe.skipIf(missing)(`packed packages in bundlers${missing}`, () => {
  let folder: string
  let app: string
  let assets: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), '3ddfa-bundlers-'))
    app = join(folder, 'app')
    assets = join(folder, 'assets')
    const tarballs = packPackages(PACKAGES, join(folder, 'tarballs'))
    cpSync(here, app, {
      recursive: true,
      filter: (path) => !/node_modules|\.next|dist|\.test\.ts$/.test(path.slice(here.length)),
    })
    const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
    const dependencies = { ...tarballs, 'onnxruntime-web': '1.30.0' }
    writeFileSync(join(app, 'package.json'), JSON.stringify({ ...manifest, dependencies }))
    installWithPnpm(app, tarballs)
    mkdirSync(assets)
    cpSync(picture, join(assets, 'sample.png'))
  }, 240_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function expectFaces(folder: string, read = resultOf): Promise<void> {
    const { url, close } = await serve(folder, assets)
    try {
      const { faces, error } = await read(url)
      expect(error).toBeUndefined()
      expect(faces!.map(({ vertices }) => vertices)).toEqual([9216, 9216])
    } finally {
      close()
    }
  }

  const bin = (name: string) => join(app, 'node_modules/.bin', name)
  /** A page for the bundlers that make none. */
  const html = (title: string) =>
    `<!doctype html><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"><pre id="result"></pre><script type="module" src="main.js"></script>`

  it('Vite', async () => {
    await run(bin('vite'), ['build', '--logLevel', 'warn'], { cwd: join(app, 'vite') })
    await expectFaces(join(app, 'vite/dist'))
  }, 120_000)

  for (const browser of OTHER_BROWSERS)
    it.skipIf(lacks(browser))(`Vite's page in ${browser}${lacks(browser)}`, { timeout: 120_000 }, () =>
      expectFaces(join(app, 'vite/dist'), (url) => resultIn(browser, url)),
    )

  it('webpack', async () => {
    const build = `
      import webpack from 'webpack'
      import config from './webpack.config.js'
      webpack(config, (error, stats) => {
        const { errors, warnings } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? { errors: [error], warnings: [] }
        console.log(JSON.stringify([...errors, ...warnings].map(({ message }) => message)))
      })`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', build], { cwd: join(app, 'webpack') })
    expect(JSON.parse(stdout)).toEqual([])
    writeFileSync(join(app, 'webpack/dist/index.html'), html('webpack'))
    await expectFaces(join(app, 'webpack/dist'))
  }, 180_000)

  it('esbuild', async () => {
    await run(process.execPath, ['build.js'], { cwd: join(app, 'esbuild') })
    writeFileSync(join(app, 'esbuild/dist/index.html'), html('esbuild'))
    await expectFaces(join(app, 'esbuild/dist'))
  }, 120_000)

  it('esbuild for Node, where onnxruntime-web stays outside and is found', async () => {
    const cwd = join(app, 'esbuild')
    await run(process.execPath, ['build-server.js'], { cwd })
    expect(readFileSync(join(cwd, 'dist/server.mjs'), 'utf8')).not.toContain('onnxruntime-web/dist')
    expect((await run(process.execPath, ['dist/server.mjs'], { cwd })).stdout).toBe('onnxruntime-web 120\n')
  })

  it('Next, on the server and in the browser', async () => {
    const cwd = join(app, 'next')
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' as const }
    cpSync(assets, join(cwd, 'public'), { recursive: true })
    await run(bin('next'), ['build'], { cwd, env })
    const server = spawn(bin('next'), ['start', '-p', '0', '-H', '127.0.0.1'], { cwd, env })
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let said = ''
        server.stdout.on('data', (chunk: Buffer) => {
          said += chunk
          const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
          if (found && /Ready/.test(said)) resolve(found[0])
        })
        server.on('exit', () => reject(new Error(`next start ended: ${said}`)))
      })
      expect(await (await fetch(url)).text()).toMatch(/id="server">\d+( \d+){6}</)
      const { faces, error } = await resultOf(url)
      expect(error).toBeUndefined()
      expect(faces).toHaveLength(2)
    } finally {
      server.kill()
    }
  }, 300_000)
})
