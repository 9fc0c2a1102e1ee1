/** What `-o` takes and the file ending of each, in the order of the help. The first nine are those of 3DDFA_V2's demo.py, those from
 * posmap on PRNet's. */
const OUTPUT_ENDINGS = {
  '2d_sparse': 'png',
  '2d_dense': 'png',
  '3d': 'png',
  depth: 'png',
  pncc: 'png',
  uv_tex: 'png',
  pose: 'png',
  ply: 'ply',
  obj: 'obj',
  glb: 'glb',
  posmap: 'npy',
  visibility: 'png',
  frontal: 'obj',
  texture: 'obj',
  landmarks: 'npy',
  vertices: 'npy',
  json: 'json',
} as const

export type OutputName = keyof typeof OUTPUT_ENDINGS

export const OUTPUT_NAMES: readonly OutputName[] = Object.keys(OUTPUT_ENDINGS) as OutputName[]

/** @param base path without the part that names the output. */
export function outputPath(base: string, output: OutputName): string {
  return `${base}_${output}.${OUTPUT_ENDINGS[output]}`
}
