import type { OutputSettings } from './scene.ts'

/** What `-o` takes and how the files of each end, in the order of the help; the first is always there, # is the number of a face. The
 * first nine are those of 3DDFA_V2's demo.py, those from posmap on PRNet's. */
const ENDINGS = {
  '2d_sparse': ['.png'],
  '2d_dense': ['.png'],
  '3d': ['.png'],
  depth: ['.png'],
  pncc: ['.png'],
  uv_tex: ['.png'],
  pose: ['.png'],
  ply: ['.ply'],
  obj: ['.obj', '.mtl', '_#.png'],
  glb: ['.glb'],
  posmap: ['.npy', '.png'],
  visibility: ['.png', '.npy', '.json'],
  frontal: ['.obj'],
  texture: ['.obj', '.mtl', '_#.png'],
  landmarks: ['.npy'],
  vertices: ['.npy'],
  json: ['.json'],
} as const

export type OutputName = keyof typeof ENDINGS

/** How the files of an output may end. */
export type EndingOf<Output extends OutputName> = Numbered<(typeof ENDINGS)[Output][number]>

type Numbered<Ending extends string> = Ending extends `${infer Before}#${infer After}`
  ? `${Before}${number}${After}`
  : Ending

export const OUTPUT_NAMES: readonly OutputName[] = Object.keys(ENDINGS) as OutputName[]

/** The file that is always there. @param base path without the part that names the output. */
export function outputPath(base: string, output: OutputName): string {
  return `${base}_${output}${ENDINGS[output][0]}`
}

/** What follows the base in the names of all files that an output may have; # is the number of a face, from 1. */
export function suffixesOf(output: OutputName, { obj }: Partial<Pick<OutputSettings, 'obj'>> = {}): string[] {
  const all: readonly string[] = ENDINGS[output]
  const endings = output === 'obj' && obj !== 'textured' ? all.slice(0, 1) : all
  return endings.map((ending) => `_${output}${ending}`)
}
