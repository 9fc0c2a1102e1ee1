// Speed in Chromium beside what a page would take otherwise, in one run, interleaved: pnpm --filter @3ddfa/benchmarks browser VIDEO [--save]
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exportForWeb, openModelStore } from '@3ddfa/models/node'
import type { BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { launchProfile } from '../../scripts/chromium.mjs'
import { useLocalModels } from '../../scripts/setup.mjs'
import { sourceAliases } from '../../scripts/source-aliases.mjs'
import type { Contender } from '../browser/frames.ts'
import { typedPath } from './data.ts'
import { summarize } from './measure.ts'

const PAGES = ['ours', 'mediapipe', 'human']
/** Name, and page with its query. */
const CONTENDERS: Record<string, string> = {
  '3ddfa, FaceBoxes (wasm provider; 68 and 38,365 points)': 'ours.html',
  '3ddfa, UltraFace (the same)': 'ours.html?detector=ultraface',
  '@mediapipe/face_mesh 0.4.1633559619 (CPU, 468 points)': 'mediapipe.html',
  '@vladmandic/human 3.3.6 (tfjs wasm 4.22.0, 468 points)': 'human.html',
}
const ROUNDS = 3
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
}

const here = fileURLToPath(new URL('../browser', import.meta.url))
const packageFolder = (name: string): string => fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url))
const [video] = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith('--'))
  .map(typedPath)
if (!video || !existsSync(video)) {
  console.error('Expected the path of a video with one face: pnpm --filter @3ddfa/benchmarks browser VIDEO [--save]')
  process.exit(2)
}

useLocalModels()
const folder = mkdtempSync(join(tmpdir(), '3ddfa-browser-'))
try {
  const table = await compare(await prepare())
  console.log(table)
  if (process.argv.includes('--save'))
    writeFileSync(fileURLToPath(new URL('../results/browser.md', import.meta.url)), table)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Builds the pages and cuts the video; gives the folders under their URL prefixes. */
async function prepare(): Promise<Record<string, string>> {
  const site = join(folder, 'site')
  await build({
    root: here,
    base: './',
    configFile: false,
    logLevel: 'error',
    resolve: { alias: sourceAliases },
    build: {
      outDir: site,
      target: 'es2022',
      assetsInlineLimit: 0,
      rolldownOptions: { input: PAGES.map((name) => join(here, `${name}.html`)) },
    },
  })
  const frames = join(folder, 'frames')
  mkdirSync(frames)
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-i',
    video!,
    '-vf',
    'scale=1280:720',
    '-frames:v',
    '50',
    '-q:v',
    '3',
    join(frames, '%03d.jpg'),
  ])
  const models = ['mb05', 'faceboxes', 'ultraface', 'bfm']
  await exportForWeb(openModelStore({ onWarning: () => {} }), join(folder, 'models'), models)
  return {
    '/frames/': frames,
    '/models/': join(folder, 'models'),
    '/mediapipe/': packageFolder('@mediapipe/face_mesh'),
    '/human/': join(packageFolder('@vladmandic/human'), 'dist'),
    '/human-models/': join(packageFolder('@vladmandic/human'), 'models'),
    '/tfjs-wasm/': join(packageFolder('@tensorflow/tfjs-backend-wasm'), 'dist'),
    '/': site,
  }
}

async function compare(folders: Record<string, string>): Promise<string> {
  const { url, bytes, close } = await serve(folders)
  const loaded: Record<string, number> = {}
  for (const [name, page] of Object.entries(CONTENDERS)) loaded[name] = await load(url + page, bytes)
  // A profile of its own keeps files and compiled code between visits, as a visitor's browser does.
  const context = await launchProfile(join(folder, 'profile'))
  const firsts: Record<string, number[]> = {}
  const times: Record<string, Record<string, number[]>> = {}
  try {
    for (const page of Object.values(CONTENDERS)) await visit(context, url + page)
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, page] of Object.entries(CONTENDERS)) {
        const { first, measured } = await visit(context, url + page)
        add(firsts, name, [first])
        times[name] ??= {}
        // The first runs of a page are compiled while they run.
        for (const [what, values] of Object.entries(measured)) add(times[name], what, values.slice(10))
      }
    return report(context.browser()?.version() ?? '', firsts, loaded, times)
  } finally {
    await context.close()
    close()
  }
}

/** Bytes that a first visitor loads: contenders share files, so each is seen by a browser of its own. */
async function load(url: string, bytes: { count: number }): Promise<number> {
  const context = await launchProfile(mkdtempSync(join(folder, 'first-')))
  try {
    bytes.count = 0
    await visit(context, url)
    return bytes.count
  } finally {
    await context.close()
  }
}

function add(lists: Record<string, number[]>, name: string, values: readonly number[]): void {
  lists[name] = [...(lists[name] ?? []), ...values]
}

/** Opens a page, which runs; closes it again. */
async function visit(
  context: BrowserContext,
  url: string,
): Promise<{ first: number; measured: Record<string, number[]> }> {
  const page: Page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(url)
  await page.waitForFunction('globalThis.contender', undefined, { timeout: 60_000 }).catch((error: unknown) => {
    throw new Error(`${url}: ${errors.join('; ')} ${error}`)
  })
  const result = await page.evaluate(async () => {
    const { contender } = globalThis as unknown as { contender: Contender }
    return { first: contender.first, measured: await contender.run() }
  })
  await page.close()
  return result
}

/** Static files that browsers may keep, without COOP and COEP; counts what it sends. */
async function serve(
  folders: Record<string, string>,
): Promise<{ url: string; bytes: { count: number }; close(): void }> {
  const bytes = { count: 0 }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://here').pathname)
    const prefix = Object.keys(folders).find((candidate) => path.startsWith(candidate))!
    const file = join(folders[prefix]!, path.slice(prefix.length))
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end()
    const data = readFileSync(file)
    if (prefix !== '/frames/') bytes.count += data.length
    const headers = {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cache-control': 'max-age=3600',
    }
    response.writeHead(200, headers).end(data)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bytes, close: () => server.close() }
}

function report(
  version: string,
  firsts: Record<string, number[]>,
  loaded: Record<string, number>,
  times: Record<string, Record<string, number[]>>,
): string {
  const rows = Object.keys(CONTENDERS).flatMap((name) => [
    [name, 'first result, warm HTTP cache', summarize(firsts[name]!).median.toFixed(0), ''],
    ...Object.entries(times[name]!).map(([what, values]) => {
      const { median, p95 } = summarize(values)
      return ['', what, median.toFixed(2), p95.toFixed(2)]
    }),
    ['', 'loaded when nothing is cached, MB', (loaded[name]! / 1e6).toFixed(1), ''],
  ])
  const lines = rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
  return `1280 x 720, tracked video, one thread, Chromium ${version}, ${ROUNDS} interleaved rounds; milliseconds.\n\n| | | median | p95 |\n| --- | --- | --- | --- |\n${lines}\n`
}
