import { createImage, type ImageView } from '@3ddfa/core'
import { CliError } from '../errors.ts'
import { readPicture } from '../images.ts'

/**
 * A square picture laid out as a face's texture. Where several lie side by side, as `uv_tex` has them of a photograph with several
 * faces, it is that of `face`.
 * @param what the picture is, for the error
 * @param face from 1
 * @throws {CliError} for a picture of another form, or without that face.
 */
export async function readTile(
  path: string,
  what: string,
  face: number,
  flags: { readonly maxPixels: number },
): Promise<ImageView> {
  const { image } = await readPicture(path, flags)
  const { width, height, channels, data } = image
  const count = width / height
  if (!Number.isInteger(count) || height < 2)
    throw new CliError(
      `${path} has ${width} x ${height} pixels; a ${what} must be a square of at least 2 x 2, or several side by side.`,
    )
  if (count === 1) return image
  if (face > count) throw new CliError(`${path} holds ${count} faces side by side, and --face says ${face}.`)
  const tile = createImage(height, height, channels)
  const [left, row] = [(face - 1) * height * channels, height * channels]
  for (let y = 0; y < height; y++) {
    const start = y * width * channels + left
    tile.data.set(data.subarray(start, start + row), y * row)
  }
  return tile
}
