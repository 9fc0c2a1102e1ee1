import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, type Check } from './check.ts'

/** JPEG and PNG are needed: the first is what photographs are, the second what outputs are. */
const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const

/** Each format is written and read again as `align` reads it. */
export async function* checkImages(): AsyncGenerator<Omit<Check, 'group'>> {
  yield attempt('sharp', true, async () => {
    const { versions } = (await import('sharp')).default
    return `${versions.sharp}, libvips ${versions.vips}`
  })
  const folder = await mkdtemp(join(tmpdir(), '3ddfa-doctor-'))
  try {
    for (const format of FORMATS) {
      const needed = format === 'jpeg' || format === 'png'
      yield attempt(format.toUpperCase(), needed, () => roundTrip(format, join(folder, format)))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function roundTrip(format: (typeof FORMATS)[number], path: string): Promise<string> {
  const { default: sharp } = await import('sharp')
  const { readPicture } = await import('../images.ts')
  const grey = sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } })
  await writeFile(path, await grey.toFormat(format).toBuffer())
  const { image } = await readPicture(path)
  const worst = Math.max(...image.data.map((value) => Math.abs(value - 128)))
  if (worst > 4) throw new Error(`grey comes back ${worst} levels off`)
  return 'wrote and read a picture'
}
