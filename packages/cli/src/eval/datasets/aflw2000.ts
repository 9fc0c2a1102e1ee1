import { join } from 'node:path'
import { asFloat32 } from '@3ddfa/models'
import { CliError, EXIT } from '../../errors.ts'
import type { Dataset, Sample } from '../sample.ts'
import { checkNumbers, findList, listFolder, picturesOf, pointPairs, readMatFile, readRows } from './files.ts'

const DEGREES = 180 / Math.PI

export interface Aflw2000Lists {
  /** .npy [n][2 or 3][68]: the points as annotated anew (Bulat and Tzimiropoulos, 2017), pictures sorted by name. */
  readonly reannotated?: string | undefined
  /** .npy [n]: yaw in degrees by which 3DDFA's benchmark bins the pictures. */
  readonly yaws?: string | undefined
}

/**
 * AFLW2000-3D as published: NAME.jpg beside NAME.mat (`pt3d_68`, `Pose_Para`). Pictures are binned by the labels' own yaw, and
 * by 3DDFA's list where there is one. Lists lie in the folder or in its `test.configs` unless they are given.
 */
export function readAflw2000(folder: string, lists: Aflw2000Lists = {}): Dataset {
  const names = listFolder(folder)
  const pictures = picturesOf(names)
  const labelled = names.filter((name) => name.endsWith('.mat')).map((name) => name.slice(0, -4))
  if (labelled.length === 0)
    throw new CliError(`${folder} holds no AFLW2000-3D: expected pictures with a .mat file beside each.`, EXIT.usage)
  const count = labelled.length
  const reannotated = lists.reannotated ?? findList(folder, 'AFLW2000-3D-Reannotated.pts68.npy')
  const yaws = lists.yaws ?? findList(folder, 'AFLW2000-3D.pose.npy')
  const newPoints = reannotated === undefined ? undefined : readRows(reannotated, count)
  const listYaws = yaws === undefined ? undefined : readRows(yaws, count, 1)
  const samples = labelled.map((name, i): Sample => {
    const picture = pictures.get(name)
    if (picture === undefined)
      throw new CliError(`${join(folder, `${name}.mat`)} has no picture beside it.`, EXIT.usage)
    const sample = readLabels(join(folder, `${name}.mat`), join(folder, picture), name)
    return {
      ...sample,
      ...(newPoints && { reannotated: pointPairs(newPoints[i]!, 68, true, `${reannotated}: ${name}`) }),
      yaws: { ...sample.yaws, ...(listYaws && { list: listYaws[i]![0]! }) },
    }
  })
  return { name: 'aflw2000', samples }
}

function readLabels(mat: string, path: string, name: string): Sample {
  const { pt3d_68: points, Pose_Para: pose } = readMatFile(mat)
  if (!points || !pose || pose.data.length < 3 || points.shape[1] !== 68)
    throw new CliError(`${mat} has no pt3d_68 (3 x 68) or no Pose_Para.`, EXIT.usage)
  checkNumbers(asFloat32(pose), mat)
  const [pitch, yaw, roll] = asFloat32(pose) as unknown as [number, number, number]
  return {
    name,
    path,
    points: pointPairs(Float64Array.from(points.data as ArrayLike<number>, Number), 68, true, mat),
    pose: { pitch, yaw, roll },
    yaws: { labels: yaw * DEGREES },
  }
}
