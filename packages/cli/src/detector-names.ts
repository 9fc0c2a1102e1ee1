import type { DetectorName } from '@3ddfa/detector'

/** A detector by the name of its network, which may be one in 8 bits. */
export type DetectorChoice = DetectorName | 'faceboxes-int8'

export const DETECTOR_CHOICES: readonly DetectorChoice[] = ['faceboxes', 'faceboxes-int8', 'ultraface', 'yunet', 'open']
