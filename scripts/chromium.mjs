import { chromium } from 'playwright-core'
import { serveBlankPage } from './blank-page.mjs'
import { findProgram } from './find-program.mjs'

/** Path of an installed Chromium (`TDFA_CHROMIUM` names another one), or undefined. */
export function findChromium() {
  return (
    process.env.TDFA_CHROMIUM || findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
  )
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
  const served = await serveBlankPage({ entry, headers, folders })
  const browser = await launchChromium(args)
  const close = async () => {
    await browser.close()
    await served.close()
  }
  const page = await browser.newPage()
  const errors = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  try {
    await page.goto(served.url)
    const loaded = await page.waitForFunction('globalThis.loaded', undefined, { timeout: 60_000 })
    const outcome = await loaded.jsonValue()
    if (outcome !== 'yes') throw new Error(outcome)
  } catch (error) {
    await close()
    throw new Error(`The page did not load: ${[...errors, error.message].join('; ')}`, { cause: error })
  }
  return { page, errors, close }
}
