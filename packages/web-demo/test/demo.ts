import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build, type PreviewServer, preview } from 'vite'
import { launchChromium } from '../../../scripts/chromium.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The page has loaded its models, or said why it cannot. */
export const ready = 'html:is([data-engine=ready], [data-engine=failed])'

/** The built page under a path of its own, without COOP and COEP. */
export async function serveDemo(outDir: string): Promise<{ url: string; close(): Promise<void> }> {
  const configFile = `${root}vite.config.ts`
  await build({ root, configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  const server: PreviewServer = await preview({
    root,
    configFile,
    base: '/some/where/',
    logLevel: 'error',
    build: { outDir },
    preview: { port: 0, host: '127.0.0.1' },
  })
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() }
}

/** A page of the demo, with everything that it logs as an error or asks of another origin. */
export async function openDemo(
  url: string,
  args: string[] = [],
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; problems: string[]; close(): Promise<void> }> {
  const browser = await launchChromium(args)
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
  return { page, problems, close: () => browser.close() }
}
