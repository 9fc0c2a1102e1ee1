import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ImageView } from '@3ddfa/core'
import { readMat } from '@3ddfa/models'
import sharp from 'sharp'

/** A path as typed: pnpm runs scripts in this package's folder, not where the user is. */
export const typedPath = (path: string): string => resolve(process.env.INIT_CWD ?? '.', path)

/** x y, pixels. */
export type Point = readonly [number, number]

/** A picture with its true points and, where known, the true yaw in degrees. */
export interface Sample {
  readonly name: string
  readonly image: ImageView
  readonly truth: readonly Point[]
  readonly yaw?: number
  /** pitch, yaw, roll in radians. */
  readonly pose?: readonly [number, number, number]
}

/** Pixels as stored: no colour management, as the reference reads them. */
export async function readImage(path: string): Promise<ImageView> {
  const { data, info } = await sharp(path, { ignoreIcc: true })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: 3 }
}

/** AFLW2000-3D's own layout: NAME.jpg beside NAME.mat (pt3d_68, Pose_Para). */
export async function readAflw2000(folder: string): Promise<Sample[]> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.mat'))
    .map((name) => name.slice(0, -4))
    .sort()
  return Promise.all(
    names.map(async (name) => {
      const { pt3d_68: points, Pose_Para: pose } = readMat(readFileSync(join(folder, `${name}.mat`)))
      if (!points || !pose) throw new Error(`${name}.mat has no pt3d_68 or no Pose_Para.`)
      const columns = points.shape[1]!
      // The protocol takes the points as they are, though MATLAB counts pixels from 1.
      const truth = Array.from(
        { length: columns },
        (_, i): Point => [Number(points.data[i]), Number(points.data[columns + i])],
      )
      const [pitch, yaw, roll] = [0, 1, 2].map((i) => Number(pose.data[i])) as [number, number, number]
      return {
        name,
        image: await readImage(join(folder, `${name}.jpg`)),
        truth,
        yaw: (yaw * 180) / Math.PI,
        pose: [pitch, yaw, roll] as const,
      }
    }),
  )
}

/** A folder of pictures with landmarks68.json: name -> [68][2]. */
export async function readLandmarkFolder(folder: string): Promise<Sample[]> {
  const all = JSON.parse(readFileSync(join(folder, 'landmarks68.json'), 'utf8')) as Record<string, Point[]>
  return Promise.all(
    Object.entries(all)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(async ([name, truth]) => ({ name, image: await readImage(join(folder, name)), truth })),
  )
}
