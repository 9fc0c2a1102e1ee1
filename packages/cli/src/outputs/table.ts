import { frontalMesh } from './frontal.ts'
import { glbMesh, objMesh, plyMesh, texturedMesh } from './meshes.ts'
import type { OutputName } from './names.ts'
import {
  densePicture,
  depthPicture,
  landmarkPicture,
  pnccPicture,
  posePicture,
  shadedPicture,
  texturePicture,
} from './pictures.ts'
import { positionMaps } from './position-maps.ts'
import { visibilities } from './visibilities.ts'
import type { Writer } from './writer.ts'

/** All outputs but `json`, which tells about the others. */
export const WRITERS: Readonly<Record<Exclude<OutputName, 'json'>, Writer>> = {
  '2d_sparse': landmarkPicture,
  '2d_dense': densePicture,
  '3d': shadedPicture,
  depth: depthPicture,
  pncc: pnccPicture,
  uv_tex: texturePicture,
  pose: posePicture,
  ply: plyMesh,
  obj: objMesh,
  glb: glbMesh,
  posmap: positionMaps,
  visibility: visibilities,
  frontal: frontalMesh,
  texture: texturedMesh,
}

const SPARSE: readonly OutputName[] = ['2d_sparse', 'pose', 'json']

/** Whether an output needs the dense vertices. */
export function isDense(output: OutputName): boolean {
  return !SPARSE.includes(output)
}
