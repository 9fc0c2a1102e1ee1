import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import puppeteer from 'puppeteer-core'
import { Builder, By, Capabilities } from 'selenium-webdriver'
import { findProgram } from './find-program.mjs'

/** The engines beside Chromium's. WebKit is that of GNOME: Safari's for scripts, layout and WebAssembly, not for pictures and video. */
export const OTHER_BROWSERS = ['firefox', 'webkit']

/** Where Debian, Fedora and Arch keep WebKitGTK's own small browser. */
const MINI_BROWSERS = ['lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu', 'libexec', 'lib'].flatMap((folder) =>
  ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0'].map((version) => `/usr/${folder}/${version}/MiniBrowser`),
)

/** Why a browser cannot be driven here, or nothing. */
export function lacks(name) {
  const parts = {
    firefox: { Firefox: firefox() },
    webkit: { WebKitWebDriver: findProgram('WebKitWebDriver'), MiniBrowser: miniBrowser() },
  }[name]
  const missing = Object.entries({ ...parts, Xvfb: findProgram('Xvfb') }).flatMap(([part, path]) =>
    path ? [] : [part],
  )
  return missing.length === 0 ? '' : ` (skipped: no ${missing.join(', no ')} on this machine)`
}

/**
 * Opens a page in a browser, on a screen of its own, since without one there is no WebGL. `evaluate` takes an expression, waits for
 * its promise and gives what it comes to.
 */
export async function openIn(name, url) {
  const screen = await openScreen()
  try {
    const page = await { firefox: openFirefox, webkit: openWebKit }[name](url, screen.display)
    const close = async () => {
      await page.close().catch(() => {})
      screen.close()
    }
    return { ...page, until: (expression) => until(page, expression), close }
  } catch (error) {
    screen.close()
    throw error
  }
}

async function until(page, expression) {
  for (const end = Date.now() + 60_000; ; ) {
    const value = await page.evaluate(expression)
    if (value) return value
    if (Date.now() > end) throw new Error(`Not within a minute: ${expression}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function openFirefox(url, DISPLAY) {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox(),
    headless: false,
    env: { ...process.env, DISPLAY },
    defaultViewport: { width: 1280, height: 1200 },
    protocolTimeout: 600_000,
    // A camera that shows colours and asks nobody.
    extraPrefsFirefox: { 'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true },
  })
  const page = await browser.newPage()
  await page.goto(url)
  return {
    evaluate: (expression) => page.evaluate(expression),
    chooseFile: async (selector, path) => (await page.$(selector)).uploadFile(path),
    screenshot: async () => Buffer.from(await page.screenshot()),
    close: () => browser.close(),
  }
}

async function openWebKit(url, DISPLAY) {
  const port = await freePort()
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], { env: { ...process.env, DISPLAY }, stdio: 'ignore' })
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': {
      binary: miniBrowser(),
      args: ['--automation', '--enable-mock-capture-devices=true', '--enable-media-stream=true'],
    },
  })
  try {
    await listening(port)
    const browser = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build()
    await browser.manage().setTimeouts({ script: 600_000 })
    await browser.manage().window().setRect({ width: 1280, height: 1200 })
    await browser.get(url)
    return {
      evaluate: (expression) => browser.executeScript(`return ${expression}`),
      chooseFile: (selector, path) => browser.findElement(By.css(selector)).sendKeys(path),
      screenshot: async () => Buffer.from(await browser.takeScreenshot(), 'base64'),
      close: async () => {
        await browser.quit()
        driver.kill()
      },
    }
  } catch (error) {
    driver.kill()
    throw error
  }
}

/** A screen that nobody sees. */
function openScreen() {
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1400x1400x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.on('exit', () => reject(new Error('Xvfb does not start.')))
    server.stdout.once('data', (number) =>
      resolve({ display: `:${String(number).trim()}`, close: () => server.kill() }),
    )
  })
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Until somebody answers at the port. */
async function listening(port) {
  for (let tries = 0; tries < 100; tries++) {
    const answered = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined)
    if (answered?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('WebKitWebDriver does not answer.')
}

function firefox() {
  return findProgram('firefox-esr', 'firefox')
}

function miniBrowser() {
  return MINI_BROWSERS.find((path) => existsSync(path))
}
