import { chmodSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { shared } from '../../../scripts/shared.mjs'
import { readPicture } from './images.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa images ü '))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const asRoot = process.getuid?.() === 0

/** 4 x 2: red, green, blue, white over grey. */
const PIXELS = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, ...Array(12).fill(128)]
const small = (): Sharp => sharp(Uint8Array.from(PIXELS), { raw: { width: 4, height: 2, channels: 3 } })

/** A larger, smooth picture, so that lossy codecs stay close and truncation cuts into its pixels. */
function gradient(width = 64, height = 48): Sharp {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % 3 === 0 ? (i / 3) % width : i % 3) * 2)
  return sharp(data, { raw: { width, height, channels: 3 } })
}

async function save(name: string, picture: Sharp): Promise<string> {
  await picture.toFile(at(name))
  return at(name)
}

function bytes(name: string, data: Uint8Array | string): string {
  writeFileSync(at(name), data)
  return at(name)
}

/** A TIFF of one pixel of 32-bit floating point, which sharp does not write. */
function floatTiff(channels: 1 | 3): Uint8Array {
  // Width, height, bits, compression (none), photometric (grey or RGB), strip, channels, rows a strip, its bytes, number format.
  const strip = 8 + 2 + 10 * 12 + 4
  const format = { 256: 1, 257: 1, 258: 32, 259: 1, 262: channels === 1 ? 1 : 2 }
  const tags = Object.entries({ ...format, 273: strip, 277: channels, 278: 1, 279: 4 * channels, 339: 3 })
  const view = new DataView(new ArrayBuffer(strip + 4 * channels))
  view.setUint32(0, 0x49492a00)
  view.setUint32(4, 8, true)
  view.setUint16(8, tags.length, true)
  tags.forEach(([tag, value], i) => {
    const at = 10 + 12 * i
    view.setUint16(at, Number(tag), true)
    view.setUint16(at + 2, 4, true)
    view.setUint32(at + 4, 1, true)
    view.setUint32(at + 8, value, true)
  })
  for (let k = 0; k < channels; k++) view.setFloat32(strip + 4 * k, 0.5, true)
  return new Uint8Array(view.buffer)
}

const pixelsOf = async (path: string) => [...(await readPicture(path)).image.data]

/** The largest difference of two equally long lists. */
const difference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)

describe('readPicture', () => {
  it('reads RGB, row-major, as stored', async () => {
    const { image, note } = await readPicture(await save('plain.png', small().png()))
    expect(image).toMatchObject({ width: 4, height: 2, channels: 3 })
    expect([...image.data]).toEqual(PIXELS)
    expect(note).toBeUndefined()
  })

  it.each(['jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)('reads %s', async (format) => {
    const path = await save(`picture.${format}`, gradient().toFormat(format, { quality: 95 }))
    const { image } = await readPicture(path)
    const exact = await gradient().raw().toBuffer()
    expect(image).toMatchObject({ width: 64, height: 48, channels: 3 })
    expect(difference(image.data, exact)).toBeLessThan(16)
  })

  it('turns a picture upright as its EXIF orientation says', async () => {
    const path = await save('exif.png', small().withExif({}).withMetadata({ orientation: 6 }).png())
    const { image } = await readPicture(path)
    expect(image).toMatchObject({ width: 2, height: 4 })
    // Turned by 90 degrees clockwise: the left column, bottom to top, is the first row.
    expect([...image.data.subarray(0, 6)]).toEqual([128, 128, 128, 255, 0, 0])
  })

  it('keeps the stored values whatever RGB profile they belong to', async () => {
    const path = await save('p3.png', small().withIccProfile('p3', { attach: true }).png())
    const stored = await sharp(readFileSync(path), { ignoreIcc: true }).raw().toBuffer()
    expect((await sharp(path).metadata()).hasProfile).toBe(true)
    expect(await pixelsOf(path)).toEqual([...stored])
  })

  it.each([1, 3] as const)('refuses floating point in %i channels, which says not what is white', async (channels) => {
    const path = bytes(`float-${channels}.tiff`, floatTiff(channels))
    expect((await sharp(path).metadata()).depth).toBe('float')
    await expect(readPicture(path)).rejects.toThrow(/^Expected 8 or 16 bits a channel, but .*float-\d\.tiff/)
  })

  it('converts CMYK', async () => {
    // A muted colour: saturated ones are outside what the ink can do.
    const skin = sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 180, g: 140, b: 120 } } })
    const path = await save('cmyk.jpg', skin.toColourspace('cmyk').jpeg({ quality: 100 }))
    expect((await sharp(path).metadata()).space).toBe('cmyk')
    const { image } = await readPicture(path)
    expect(image.channels).toBe(3)
    expect(difference(image.data.subarray(0, 3), [180, 140, 120])).toBeLessThan(10)
  })

  it('takes the upper 8 of 16 bits', async () => {
    const wide = Uint16Array.from(PIXELS, (value) => value * 257)
    const picture = sharp(wide, { raw: { width: 4, height: 2, channels: 3 } }).toColourspace('rgb16')
    const path = await save('deep.png', picture.png())
    expect((await sharp(path).metadata()).depth).toBe('ushort')
    expect(await pixelsOf(path)).toEqual(PIXELS)
  })

  it('makes three equal channels of greyscale, 16-bit greyscale too', async () => {
    const grey = small().greyscale()
    const values = [...(await pixelsOf(await save('grey.png', grey.clone().toColourspace('b-w').png())))]
    expect(values).toHaveLength(24)
    for (let i = 0; i < 24; i += 3) expect([values[i + 1], values[i + 2]]).toEqual([values[i], values[i]])
    expect(difference(values.slice(12, 15), [128, 128, 128])).toBeLessThanOrEqual(1)
    const deep = await save('grey16.png', grey.clone().toColourspace('grey16').png())
    expect((await sharp(deep).metadata()).space).toBe('grey16')
    expect(difference(await pixelsOf(deep), values)).toBeLessThanOrEqual(1)
  })

  it('reads palettes', async () => {
    const path = await save('palette.png', small().png({ palette: true, colours: 8 }))
    expect((await sharp(path).metadata()).isPalette).toBe(true)
    expect(difference(await pixelsOf(path), PIXELS)).toBeLessThanOrEqual(2)
  })

  it('drops alpha and keeps the colour below it', async () => {
    const rgba = Uint8Array.from([10, 20, 30, 0, 40, 50, 60, 128])
    const path = await save('alpha.png', sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } }).png())
    expect(await pixelsOf(path)).toEqual([10, 20, 30, 40, 50, 60])
  })

  it('reads the first frame of an animation and says so', async () => {
    const frames = Uint8Array.from([...Array(48).fill(0), ...Array(48).fill(255)])
    const animation = sharp(frames, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
    const { image, note } = await readPicture(await save('film.gif', animation.gif({ delay: [100, 100] })))
    expect(image).toMatchObject({ width: 4, height: 4 })
    expect(Math.max(...image.data)).toBe(0)
    expect(note).toMatch(/film\.gif holds 2 pictures; the first is used\.$/)
  })

  it('reads a picture of one pixel', async () => {
    const path = await save('one.png', small().extract({ left: 0, top: 0, width: 1, height: 1 }).png())
    expect(await pixelsOf(path)).toEqual([255, 0, 0])
  })

  it('reads a name that looks like a glob or has an option of libvips in it', async () => {
    const path = bytes('a[1] *.png[page=3]', await small().png().toBuffer())
    expect(await pixelsOf(path)).toEqual(PIXELS)
  })
})

describe('readPicture refuses in one sentence', () => {
  const unknown = ' is not a readable picture (JPEG, PNG, WebP, GIF, TIFF or AVIF).'
  const refusal = (path: string, options = {}) =>
    readPicture(path, options).then(
      () => expect.fail('read'),
      (error: Error) => {
        expect(error.name).toBe('CliError')
        expect(error.message).not.toContain('\n')
        expect(error.message.startsWith(path)).toBe(true)
        return error.message.slice(path.length)
      },
    )

  it('a missing, an empty, and a special file', async () => {
    expect(await refusal(at('missing.jpg'))).toBe(' cannot be read: no such file or folder.')
    expect(await refusal(bytes('empty.jpg', ''))).toBe(' is empty.')
    expect(await refusal(folder)).toBe(' is not a file.')
  })

  it('a file of more than 1 GiB, without reading it', async () => {
    const path = bytes('long.jpg', 'x')
    truncateSync(path, 2 ** 30 + 1)
    expect(await refusal(path)).toBe(' has 1073741825 bytes, more than the limit of 1073741824.')
  })

  it.skipIf(asRoot)(`a file without permission${asRoot ? ' (skipped: root may read all)' : ''}`, async () => {
    const path = bytes('secret.jpg', 'x')
    chmodSync(path, 0)
    expect(await refusal(path)).toBe(' cannot be read: permission denied.')
  })

  it('text, drawings and documents', async () => {
    expect(await refusal(bytes('text.jpg', 'not a picture'))).toBe(unknown)
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    expect(await refusal(bytes('drawing.svg', svg))).toBe(unknown)
    expect(await refusal(bytes('document.pdf', '%PDF-1.4\n%%EOF'))).toBe(unknown)
  })

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('a truncated %s', async (format) => {
    const whole = await gradient(256, 192).toFormat(format).toBuffer()
    const path = bytes(`cut.${format}`, whole.subarray(0, Math.floor(whole.length * 0.6)))
    // The directory of a TIFF lies at its end: without it nothing tells that it is one.
    const sentence = format === 'tiff' ? /^ is not a readable picture/ : /^ is damaged or of an unsupported kind: .+\.$/
    expect(await refusal(path)).toMatch(sentence)
  })

  it('in one clause, however often the codec says it', async () => {
    const whole = await gradient(256, 192).avif().toBuffer()
    const sentence = await refusal(bytes('twice.avif', whole.subarray(0, Math.floor(whole.length * 0.6))))
    expect(sentence).not.toContain(';')
    expect(await refusal(bytes('sides.png', pngHeader(2 ** 31 - 1, 2 ** 31 - 1)))).toMatch(
      /^ is damaged or of an unsupported kind(: [^:]+)?\.$/,
    )
  })

  it('a picture above the pixel limit, from its header', async () => {
    const path = bytes('huge.png', pngHeader(20_000, 20_000))
    expect(await refusal(path)).toBe(
      ' has 20000 x 20000 pixels, more than the limit of 150000000; --max-pixels 400000000 lets it in.',
    )
    // The raised limit lets it in: now the missing pixels are the trouble.
    expect(await refusal(path, { maxPixels: 400_000_000 })).toMatch(/^ is damaged/)
  })

  it('a picture whose decoder holds more at once than the pixel limit gives reason for, from its header', async () => {
    const deep = (progressive: boolean, orientation: number) =>
      gradient(10, 10)
        .ensureAlpha()
        .toColourspace('rgb16')
        .png({ progressive })
        .withMetadata({ orientation })
        .toFile(at('deep.png'))
    await deep(true, 6)
    expect(await refusal(at('deep.png'), { maxPixels: 266 })).toBe(
      ' needs 1600 bytes at once to be decoded (16 bits a channel, interlaced, turned), more than the limit of 1596; --max-pixels 267 lets it in.',
    )
    expect((await readPicture(at('deep.png'), { maxPixels: 267 })).image.width).toBe(10)
    await deep(false, 6)
    expect(await refusal(at('deep.png'), { maxPixels: 133 })).toMatch(
      / needs 800 bytes .*\(16 bits a channel, turned\)/,
    )
    await deep(false, 1)
    expect((await readPicture(at('deep.png'), { maxPixels: 100 })).image.width).toBe(10)
  })

  it('weighs what a progressive JPEG takes, in whose coefficients a pixel has 16 bits a channel', async () => {
    const jpeg = (chromaSubsampling: string): Promise<unknown> =>
      sharp(Buffer.alloc(300, 128), { raw: { width: 10, height: 10, channels: 3 } })
        .jpeg({ progressive: true, chromaSubsampling })
        .withMetadata({ orientation: 6 })
        .toFile(at('steps.jpg'))
    await jpeg('4:4:4')
    expect(await refusal(at('steps.jpg'), { maxPixels: 149 })).toMatch(
      / needs 900 bytes .*\(8 bits a channel, progressive, turned\).* --max-pixels 150 /,
    )
    expect((await readPicture(at('steps.jpg'), { maxPixels: 150 })).image.width).toBe(10)
    await jpeg('4:2:0')
    expect((await readPicture(at('steps.jpg'), { maxPixels: 100 })).image.width).toBe(10)
  })
})

/** Signature and header of an 8-bit RGB PNG, and the start of its data. */
function pngHeader(width: number, height: number): Uint8Array {
  const header = Buffer.from(
    '89504e470d0a1a0a0000000d494844520000000000000000080200000000000000000000004944415478',
    'hex',
  )
  header.writeUInt32BE(width, 16)
  header.writeUInt32BE(height, 20)
  header.writeUInt32BE(crc32(header.subarray(12, 29)), 29)
  return header
}

function crc32(data: Uint8Array): number {
  let crc = -1
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

const photo = shared('images/trump_hillary.jpg')
const golden = shared('golden/trump_hillary_input.png')

it.skipIf(!photo || !golden)(
  `decodes a JPEG with an RGB profile as OpenCV does${photo && golden ? '' : ' (skipped: ../shared is not here)'}`,
  async () => {
    const [ours, reference] = await Promise.all([readPicture(photo!), readPicture(golden!)])
    expect(difference(ours.image.data, reference.image.data)).toBe(0)
  },
)
