import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = process.env.TDFA_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url))

/**
 * Other people's models, pictures and golden data lie beside the checkout, never in it.
 * @param {string} path relative to that folder
 * @returns {string | undefined} the absolute path, or undefined where it is missing (the test then skips and says so)
 */
export function shared(path) {
  const full = `${root}/${path}`
  return existsSync(full) ? full : undefined
}
