import { isUtf8 } from 'node:buffer'

/** A name, which file systems take for bytes, as text; bytes that are no text stand there as \xNN. */
export function nameOf(bytes: Buffer): { readonly name: string; readonly isText: boolean } {
  if (isUtf8(bytes)) return { name: bytes.toString(), isText: true }
  return { name: bytes.toString('latin1').replace(CHARACTER, shown), isText: false }
}

/** The sentence about a path with such bytes: it could not be opened by its text. */
export function notText(path: string): string {
  return `The name ${path} is not UTF-8; rename it.`
}

/** What UTF-8 has beyond ASCII, by its bytes, or else a single byte. */
const CHARACTER = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g

function shown(bytes: string): string {
  return bytes.length > 1 ? Buffer.from(bytes, 'latin1').toString() : `\\x${bytes.charCodeAt(0).toString(16)}`
}
