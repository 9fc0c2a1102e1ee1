import { importFaceBoxes } from '../import/faceboxes.ts'
import { importMorphableModel } from '../import/morphable-model.ts'
import { importOnnxDetector } from '../import/onnx-detector.ts'
import { importPositionMapNetwork } from '../import/position-map-network.ts'
import { importRegressor } from '../import/regressor.ts'
import { importTfliteUltraFace } from '../import/tflite.ts'
import { importUvTopology, type UvTopologyFiles } from '../import/uv-topology.ts'
import type { Artifact } from '../manifest.ts'
import { quantizeNetwork } from '../quantize/quantize-network.ts'
import { isTflite } from '../tflite/read-model.ts'

/**
 * Makes an artefact from the contents of its inputs, by role.
 * @param suffix of a face model's id, where its files are not all the published ones.
 */
export function importArtifact(
  artifact: Artifact,
  files: Record<string, Uint8Array>,
  suffix: '' | '-standin' | '-own',
): Uint8Array {
  const made = importInFull(artifact, files, suffix)
  return artifact.ranges ? quantizeNetwork(made, artifact.ranges) : made
}

function importInFull(artifact: Artifact, files: Record<string, Uint8Array>, suffix: string): Uint8Array {
  const input = (role: string): Uint8Array => files[role]!
  switch (artifact.kind) {
    case 'regressor':
      return importRegressor({ checkpoint: input('checkpoint'), meanStd: input('meanStd') })
    case 'faceboxes':
      return importFaceBoxes({ checkpoint: input('checkpoint') }, artifact.ranges ? 'integer' : 'float')
    case 'ultraface':
      if (isTflite(input('model'))) return importTfliteUltraFace({ model: input('model') })
      return importOnnxDetector({ model: input('model') }, artifact.kind)
    case 'yunet':
      return importOnnxDetector({ model: input('model') }, artifact.kind)
    case 'morphable-model':
      return importMorphableModel(
        { bfm: input('bfm'), tri: input('tri'), ncc: input('ncc'), uv: input('uv'), indices: input('indices') },
        `bfm_noneck_v3${suffix}`,
      )
    case 'position-map':
      return importPositionMapNetwork({ index: input('index'), data: input('data') })
    case 'uv-topology':
      return importUvTopology(files as unknown as UvTopologyFiles)
  }
}
