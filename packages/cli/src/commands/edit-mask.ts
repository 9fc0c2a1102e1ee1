import { type LandmarkedUvMesh, regionMask, type UvMask, unionMasks } from '@3ddfa/core'
import { CliError } from '../errors.ts'
import type { EditRegion } from './edit-command.ts'
import { readTile } from './edit-tile.ts'

export interface MaskFlags {
  readonly region?: readonly EditRegion[]
  readonly mask?: string
  readonly maskBase?: string
  /** Whose tile counts in a mask for several faces. */
  readonly face: number
  readonly maxPixels: number
}

/**
 * What is to be changed: the named regions, what is white in --mask, or where --mask differs from --mask-base.
 * @param skins where each of the photographs shows skin
 * @throws {CliError} when a file is not a square picture or the two differ in size.
 */
export async function openMask(mesh: LandmarkedUvMesh, skins: readonly UvMask[], flags: MaskFlags): Promise<UvMask> {
  const { region = ['skin'], mask, maskBase } = flags
  if (mask === undefined) return region.map((name) => maskOf(mesh, name, skins)).reduce(unionMasks)
  const grey = await readGrey(mask, flags)
  if (maskBase === undefined) return grey
  const base = await readGrey(maskBase, flags)
  if (base.size !== grey.size)
    throw new CliError(`${maskBase} has ${base.size} pixels a side and ${mask} ${grey.size}; they must have the same.`)
  return { size: grey.size, data: grey.data.map((value, t) => (value === base.data[t] ? 0 : 1)) }
}

function maskOf(mesh: LandmarkedUvMesh, region: EditRegion, skins: readonly UvMask[]): UvMask {
  if (region !== 'skin') return regionMask(mesh, region)
  const face = regionMask(mesh, 'face')
  return { ...face, data: face.data.map((share, t) => Math.min(share, ...skins.map((skin) => skin.data[t]!))) }
}

/** Mean of red, green and blue, [0, 1]. */
async function readGrey(path: string, flags: MaskFlags): Promise<UvMask> {
  const image = await readTile(path, 'mask', flags.face, flags)
  const { data, channels } = image
  const mean = (at: number): number => (data[at]! + data[at + 1]! + data[at + 2]!) / 765
  return {
    size: image.width,
    data: Float32Array.from({ length: image.width * image.height }, (_, t) => mean(t * channels)),
  }
}
