/** No runtime that was tried could load a network: it is damaged, needs what the runtime lacks, or a provider does not work here. */
export class NetworkLoadError extends Error {
  override name = 'NetworkLoadError'
}

const WHITE = new Set(Array.from('\t\n\r ', (character) => character.charCodeAt(0)))

/** What to say besides of bytes that are a web page: servers give one in place of a file that they lack. */
export function explainPage(bytes: Uint8Array): string {
  const isPage = bytes.find((byte) => !WHITE.has(byte)) === '<'.charCodeAt(0)
  return isPage ? " These bytes are a web page's; see that the network's file is served." : ''
}
