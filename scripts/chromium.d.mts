import type { Browser, BrowserContext, Page } from 'playwright-core'

export function findChromium(): string | undefined
export function launchChromium(args?: string[]): Promise<Browser>
export function launchProfile(folder: string, args?: string[]): Promise<BrowserContext>
export function openPage(options: {
  readonly entry: string
  readonly headers?: Record<string, string>
  readonly args?: string[]
  readonly folders?: Record<string, string>
}): Promise<{ page: Page; errors: string[]; close(): Promise<void> }>
