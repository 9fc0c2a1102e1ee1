import type { AlignFlags } from '../commands/align-command.ts'
import type { BatchFlags } from '../commands/batch-command.ts'

/** Options that mean what they mean for `align`, and shape the results. */
export const OF_ALIGN: readonly (keyof AlignFlags & keyof BatchFlags)[] = [
  'backend',
  'detector',
  'detectSize',
  'anyRoll',
  'model',
  'runtime',
  'maxPixels',
  'style',
  'poseAs',
  'numbers',
  'opacity',
  'background',
  'textureSize',
  'hidden',
  'topology',
  'posmapSize',
  'ply',
  'obj',
  'morphTargets',
  'poseConvention',
  'refine',
  'flip',
]
