export type OtherBrowser = 'firefox' | 'webkit'
export const OTHER_BROWSERS: readonly OtherBrowser[]
export function lacks(name: OtherBrowser): string
export interface OpenedPage {
  evaluate(expression: string): Promise<unknown>
  /** Waits until an expression is truthy; gives its value. @throws {Error} when that takes over a minute. */
  until(expression: string): Promise<unknown>
  chooseFile(selector: string, path: string): Promise<void>
  /** PNG of what the window shows. */
  screenshot(): Promise<Buffer>
  close(): Promise<void>
}
export function openIn(name: OtherBrowser, url: string): Promise<OpenedPage>
