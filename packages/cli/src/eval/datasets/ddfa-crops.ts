import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CliError, EXIT } from '../../errors.ts'
import type { Dataset, Sample } from '../sample.ts'
import type { Aflw2000Lists } from './aflw2000.ts'
import { findList, pointPairs, readData, readRows } from './files.ts'

/** Where 3DDFA's benchmark keeps a data set: crops, their list, and lists of what is known of each. */
interface CropLayout {
  readonly name: string
  readonly crops: string
  readonly regions: string
  readonly yaws: string
  readonly points68: string
  readonly reannotated?: string
  readonly points21?: string
}

const LAYOUTS: Readonly<Record<'aflw2000' | 'aflw', CropLayout>> = {
  aflw2000: {
    name: 'aflw2000',
    crops: 'AFLW2000-3D_crop',
    regions: 'AFLW2000-3D_crop.roi_box.npy',
    yaws: 'AFLW2000-3D.pose.npy',
    points68: 'AFLW2000-3D.pts68.npy',
    reannotated: 'AFLW2000-3D-Reannotated.pts68.npy',
  },
  aflw: {
    name: 'aflw',
    crops: 'AFLW_GT_crop',
    regions: 'AFLW_GT_crop_roi_box.npy',
    yaws: 'AFLW_GT_crop_yaws.npy',
    points68: 'AFLW_GT_pts68.npy',
    points21: 'AFLW_GT_pts21.npy',
  },
}

/** Whether a folder holds the crops of 3DDFA's benchmark for this data set. */
export function hasCrops(folder: string, dataset: keyof typeof LAYOUTS): boolean {
  return findList(folder, LAYOUTS[dataset].regions) !== undefined
}

/**
 * The crops of 3DDFA's benchmark: a folder with `test.data` and `test.configs` (or their content). The network sees a whole crop;
 * its points are laid into the photograph by the crop's region, and compared there. Lists that are given take the place of those there.
 */
export function readCrops(folder: string, dataset: keyof typeof LAYOUTS, lists: Aflw2000Lists = {}): Dataset {
  const layout = LAYOUTS[dataset]
  const data = existsSync(join(folder, 'test.data')) ? join(folder, 'test.data') : folder
  const names = readData(join(data, `${layout.crops}.list`))
    .toString('utf8')
    .split(/\s+/)
    .filter(Boolean)
  const list = (name: string | undefined, isNeeded = false, size?: number): Float32Array[] | undefined => {
    const path = name && findList(folder, name)
    if (isNeeded && !path) throw new CliError(`${folder} has no ${name}, nor has its test.configs.`, EXIT.usage)
    return path ? readRows(path, names.length, size) : undefined
  }
  const regions = list(layout.regions, true, 4)!
  const yaws = lists.yaws === undefined ? list(layout.yaws, true, 1)! : readRows(lists.yaws, names.length, 1)
  const points68 = list(layout.points68, layout.points21 === undefined)
  const reannotated =
    lists.reannotated === undefined ? list(layout.reannotated) : readRows(lists.reannotated, names.length)
  const points21 = list(layout.points21, layout.points21 !== undefined)
  const samples = names.map((name, i): Sample => {
    if (name.includes('..')) throw new CliError(`${layout.crops}.list names ${name}, outside its folder.`, EXIT.usage)
    const [x1, y1, x2, y2] = regions[i]! as unknown as [number, number, number, number]
    if (!(x2 > x1 && y2 > y1))
      throw new CliError(
        `${layout.regions} has no region for ${name}: x1 ${x1}, y1 ${y1}, x2 ${x2}, y2 ${y2}.`,
        EXIT.usage,
      )
    const pairs = (points: Float32Array, count: number, list: string) =>
      pointPairs(points, count, true, `${list}: ${name}`)
    return {
      name,
      path: join(data, layout.crops, name),
      place: { x1, y1, x2, y2 },
      yaws: { list: yaws[i]![0]! },
      ...(points68 && { points: pairs(points68[i]!, 68, layout.points68) }),
      ...(reannotated && { reannotated: pairs(reannotated[i]!, 68, lists.reannotated ?? layout.reannotated!) }),
      ...(points21 && { points21: pairs(points21[i]!, 21, layout.points21!) }),
    }
  })
  return { name: layout.name, samples }
}
