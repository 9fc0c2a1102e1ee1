import type { FaceAligner } from '@3ddfa/core'
import { version } from '../../package.json' with { type: 'json' }

/** What a result holds for: versions, models, backend. */
export function engineConditions(aligner: FaceAligner): Record<string, string> {
  return {
    version,
    regressor: aligner.meshRegressor.id,
    morphableModel: aligner.model.id,
    detector: aligner.detector?.id ?? 'none',
    backend: aligner.backend.id,
  }
}
