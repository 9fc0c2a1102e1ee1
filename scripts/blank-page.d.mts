export function serveBlankPage(options: {
  readonly entry: string
  readonly headers?: Record<string, string>
  readonly folders?: Record<string, string>
}): Promise<{ url: string; close(): Promise<void> }>
