/** A model, or the list of them, that could not be had. The message is one sentence for a user. */
export class WebModelError extends Error {
  override name = 'WebModelError'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
