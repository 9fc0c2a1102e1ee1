import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import type { ImageView } from '@3ddfa/core'
import sharp, { type Metadata } from 'sharp'
import { CliError, EXIT, messageOf, systemReason } from './errors.ts'
import { checkFile } from './files.ts'
import { MAX_HELD_PER_PIXEL, MAX_PIXELS_DEFAULT } from './limits.ts'

/** Formats by their name in sharp, with the file endings that a folder is searched for. */
const PICTURE_FORMATS: Readonly<Record<string, readonly string[]>> = {
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  png: ['png'],
  webp: ['webp'],
  gif: ['gif'],
  tiff: ['tif', 'tiff'],
  heif: ['avif', 'heic', 'heif'],
}

const endings = new Set(Object.values(PICTURE_FORMATS).flat())

/** Whether a name has the ending of a picture. */
export function isPicture(name: string): boolean {
  return endings.has(extname(name).slice(1).toLowerCase())
}

export interface ReadOptions {
  /** Width * height above which a picture is refused; its header tells, so nothing is decoded. */
  readonly maxPixels?: number | undefined
}

export interface Picture {
  /** RGB, upright. */
  readonly image: ImageView
  /** Something worth telling, for example that later frames are left out. */
  readonly note?: string
}

/**
 * Reads a photograph as `cv2.imread` would: 8 bits a channel, EXIF orientation applied, alpha dropped, and the stored colour
 * values kept whatever RGB profile they belong to (the networks were trained on such values). Only CMYK is converted, by its
 * profile. Of an animation the first frame is read.
 * @throws {CliError} one sentence that names the file and says what is wrong with it.
 */
export async function readPicture(path: string, options: ReadOptions = {}): Promise<Picture> {
  const bytes = await readBytes(path)
  const metadata = await readHeader(path, bytes)
  checkSize(path, metadata, options.maxPixels ?? MAX_PIXELS_DEFAULT)
  checkDepth(path, metadata)
  const image = await decode(path, bytes, metadata)
  const frames = metadata.pages ?? 1
  return frames > 1 ? { image, note: `${path} holds ${frames} pictures; the first is used.` } : { image }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const file = await stat(path)
    checkFile(path, file, EXIT.someFailed)
    if (file.size === 0) throw new CliError(`${path} is empty.`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`${path} cannot be read: ${systemReason(error)}.`)
  }
}

async function readHeader(path: string, bytes: Buffer): Promise<Metadata> {
  blockOtherFormats()
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata()
  } catch (error) {
    if (/unsupported image format/.test(messageOf(error)))
      throw new CliError(`${path} is not a readable picture (JPEG, PNG, WebP, GIF, TIFF or AVIF).`)
    throw damaged(path, error)
  }
}

function checkSize(path: string, metadata: Metadata, maxPixels: number): void {
  const { width, height } = metadata
  if (width * height > maxPixels)
    throw new CliError(
      `${path} has ${width} x ${height} pixels, more than the limit of ${maxPixels}; --max-pixels ${width * height} lets it in.`,
    )
  const { held, why } = heldToDecode(metadata)
  if (held > MAX_HELD_PER_PIXEL * maxPixels)
    throw new CliError(
      `${path} needs ${held} bytes at once to be decoded (${why}), more than the limit of ${MAX_HELD_PER_PIXEL * maxPixels}; --max-pixels ${Math.ceil(held / MAX_HELD_PER_PIXEL)} lets it in.`,
    )
}

/**
 * Most pictures are decoded line by line. An interlaced PNG is held whole, a progressive JPEG as coefficients of 16 bits, and what EXIF
 * turns once more.
 */
function heldToDecode(metadata: Metadata): { held: number; why: string } {
  const { width, height, channels, format, isProgressive, chromaSubsampling, orientation = 1 } = metadata
  const bytes = metadata.depth === 'ushort' ? 2 : 1
  const copies: [what: string, bytesPerPixel: number][] = []
  if (isProgressive && format === 'png') copies.push(['interlaced', channels * bytes])
  if (isProgressive && format === 'jpeg')
    copies.push(['progressive', 2 * (chromaSubsampling === '4:2:0' ? channels / 2 : channels)])
  if (orientation > 1) copies.push(['turned', channels * bytes])
  return {
    held: copies.reduce((sum, [, perPixel]) => sum + perPixel, 0) * width * height,
    why: [`${8 * bytes} bits a channel`, ...copies.map(([what]) => what)].join(', '),
  }
}

/** Nothing says what is white in other numbers, and `cv2.imread` does not take them either. */
function checkDepth(path: string, { depth }: Metadata): void {
  if (depth !== 'uchar' && depth !== 'ushort')
    throw new CliError(
      `Expected 8 or 16 bits a channel, but ${path} has numbers of another kind (${depth}); save it with 8 bits.`,
    )
}

async function decode(path: string, bytes: Buffer, metadata: Metadata): Promise<ImageView> {
  const cmyk = metadata.space === 'cmyk'
  const input = sharp(bytes, { autoOrient: true, failOn: 'error', ignoreIcc: !cmyk, limitInputPixels: false })
  try {
    const { data, info } = await input
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return { data, width: info.width, height: info.height, channels: info.channels as 3 }
  } catch (error) {
    throw damaged(path, error)
  }
}

/** The reason as the codec gives it, without sharp's preamble. */
function damaged(path: string, error: unknown): CliError {
  const clauses = messageOf(error)
    .replace(/^Input (buffer|file) has corrupt header:\s*/, '')
    .split(/[;\n]/)
    .map((clause) => clause.trim().replace(/\.$/, ''))
    .filter((clause) => /\w/.test(clause))
  // libvips says the same of each part of a file that it looks at.
  const reason = [...new Set(clauses)].at(-1)
  return new CliError(`${path} is damaged or of an unsupported kind${reason === undefined ? '' : `: ${reason}`}.`)
}

/**
 * Gives files only to these decoders: a stranger's file never comes to those for SVG, PDF and others that libvips may have.
 * The block holds for all threads, and making it stops the decoders of other threads for a moment: call this before threads
 * are started; they know that it is done.
 */
export function blockOtherFormats(): void {
  if (getEnvironmentData(BLOCKED)) return
  setEnvironmentData(BLOCKED, true)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}`) })
}

const BLOCKED = '@3ddfa/cli: formats are blocked'
