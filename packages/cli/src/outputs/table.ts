import { landmarkArray, vertexArray } from './arrays.ts'
import { frontalMesh } from './frontal.ts'
import { glbMesh, objMesh, plyMesh, texturedMesh } from './meshes.ts'
import type { EndingOf, OutputName } from './names.ts'
import { drawingOnCanvas, drawingOnPhoto, texturePicture } from './pictures.ts'
import { positionMaps } from './position-maps.ts'
import { visibilities } from './visibilities.ts'
import type { Writer } from './writer.ts'

/** All outputs but `json`, which tells about the others. */
export const WRITERS: { readonly [Output in Exclude<OutputName, 'json'>]: Writer<EndingOf<Output>> } = {
  '2d_sparse': drawingOnPhoto('sparse'),
  '2d_dense': drawingOnPhoto('dense'),
  '3d': drawingOnCanvas('mesh'),
  depth: drawingOnCanvas('depth'),
  pncc: drawingOnCanvas('pncc'),
  uv_tex: texturePicture,
  pose: drawingOnPhoto('pose'),
  ply: plyMesh,
  obj: objMesh,
  glb: glbMesh,
  posmap: positionMaps,
  visibility: visibilities,
  frontal: frontalMesh,
  texture: texturedMesh,
  landmarks: landmarkArray,
  vertices: vertexArray,
}

const SPARSE: readonly OutputName[] = ['2d_sparse', 'pose', 'landmarks', 'json']

/** Whether an output needs the dense vertices. */
export function isDense(output: OutputName): boolean {
  return !SPARSE.includes(output)
}
