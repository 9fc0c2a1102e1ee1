import type { FaceDetector, Session } from '@3ddfa/core'
import { createDetector, type DetectorResources } from '@3ddfa/detector'
import type { DetectorChoice } from './detector-names.ts'
import { CliError, EXIT } from './errors.ts'

/**
 * @param size larger pictures are scaled down to this side for it, pixels; its own default unless given.
 * @throws {CliError} when its network takes one size only.
 */
export function openDetector(
  choice: DetectorChoice,
  session: Session,
  resampler: DetectorResources['resampler'],
  size?: number,
): FaceDetector {
  const resources = { resampler, id: choice }
  const name = choice === 'faceboxes-int8' ? 'faceboxes' : choice
  if (size === undefined) return createDetector(name, session, resources)
  if (name === 'ultraface')
    throw new CliError(
      'ultraface looks at 320 x 240 pixels, whatever the picture: leave --detect-size out.',
      EXIT.usage,
    )
  return createDetector(name, session, { ...resources, maxSize: size })
}
