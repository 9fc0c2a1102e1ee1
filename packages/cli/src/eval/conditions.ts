import { type FaceAligner, provenanceOf } from '@3ddfa/core'
import { version } from '../../package.json' with { type: 'json' }

/** What a result holds for: versions, models, backend. */
export function engineConditions(aligner: FaceAligner): Record<string, string> {
  const { models, backend } = provenanceOf(aligner)
  return { version, ...models, detector: models.detector ?? 'none', backend }
}
