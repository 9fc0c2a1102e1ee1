import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'
import { sourceAliases } from './source-aliases.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Path of an installed Chromium (`TDFA_CHROMIUM` names another one), or undefined. */
export function findChromium() {
  if (process.env.TDFA_CHROMIUM) return process.env.TDFA_CHROMIUM
  for (const name of NAMES) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    } catch {
      // The next name.
    }
  }
  return undefined
}

/** Chromium's sandbox needs rights that containers do not give. */
const settings = (args) => ({ executablePath: findChromium(), args: ['--no-sandbox', ...args] })

/** Starts Chromium without a window. */
export function launchChromium(args = []) {
  return chromium.launch(settings(args))
}

/** The same with a profile in a folder: only then what was loaded and compiled is kept between pages. */
export function launchProfile(folder, args = []) {
  return chromium.launchPersistentContext(folder, settings(args))
}

/**
 * Opens a blank page with `entry` (absolute path of a module) in it, which reads the packages' sources; resolves once the
 * module has run. `folders`: absolute folders served under URL prefixes. `errors` collects what the page throws and logs as error.
 */
export async function openPage({ entry, headers = {}, args = [], folders = {} }) {
  const server = await createServer({
    configFile: false,
    root,
    logLevel: 'error',
    resolve: { alias: sourceAliases },
    server: { port: 0, host: '127.0.0.1', headers, hmr: false, watch: null, fs: { strict: false } },
    optimizeDeps: { noDiscovery: true },
    plugins: [blankPage(entry, folders)],
  })
  await server.listen()
  const browser = await launchChromium(args)
  const close = async () => {
    await browser.close()
    await server.close()
  }
  const page = await browser.newPage()
  const errors = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  try {
    await page.goto(`${server.resolvedUrls.local[0]}blank.html`)
    const loaded = await page.waitForFunction('globalThis.loaded', undefined, { timeout: 60_000 })
    const outcome = await loaded.jsonValue()
    if (outcome !== 'yes') throw new Error(outcome)
  } catch (error) {
    await close()
    throw new Error(`The page did not load: ${[...errors, error.message].join('; ')}`, { cause: error })
  }
  return { page, errors, close }
}

function blankPage(entry, folders) {
  const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
    globalThis.loaded = await import('/@fs${entry}').then(() => 'yes', String)</script>`
  return {
    name: 'blank-page',
    configureServer(server) {
      server.middlewares.use('/blank.html', (_, response) => {
        response.setHeader('content-type', 'text/html')
        response.end(html)
      })
      for (const [prefix, folder] of Object.entries(folders))
        server.middlewares.use(prefix, (request, response) => {
          const missing = () => response.writeHead(404).end()
          createReadStream(folder + decodeURIComponent(request.url.split('?')[0]))
            .on('error', missing)
            .pipe(response)
        })
    },
  }
}
