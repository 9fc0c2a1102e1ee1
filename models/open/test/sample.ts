import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Backend, FaceAligner, type ImageView, SessionParamRegressor } from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models'
import { detectorPath, facePath, regressorPath } from '../src/node.ts'

const sharp = createRequire(new URL('../../../packages/cli/package.json', import.meta.url))('sharp')
const picture = new URL('../../../packages/web-demo/public/sample.png', import.meta.url)

/** The picture that packages/web-demo/scripts/sample.mts drew, and the [68][2] points of its faces. */
export async function readSample(): Promise<{ image: ImageView; truth: number[][][] }> {
  const { data, info } = await sharp(await readFile(picture))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const truth = JSON.parse(await readFile(new URL('fixtures/sample-landmarks.json', import.meta.url), 'utf8'))
  return { image: { data, width: info.width, height: info.height, channels: 3 }, truth }
}

/** The pack, put together as a user would. */
export async function openAligner(backend: Backend): Promise<FaceAligner> {
  const [detector, regressor] = await Promise.all([detectorPath, regressorPath].map((path) => createNodeSession(path)))
  return FaceAligner.create({
    detector: createOpenDetector(detector!),
    regressor: new SessionParamRegressor(regressor!, 'open'),
    model: readMorphableModel(await readFile(facePath)),
    backend,
  })
}

/** NME in percent of landmarks [204] against those of a face. */
export function nmeOf(landmarks: Float32Array, truth: readonly (readonly number[])[]): number {
  const side = (axis: number): number => {
    const values = truth.map((point) => point[axis]!)
    return Math.max(...values) - Math.min(...values)
  }
  const distances = truth.map(([x, y], i) => Math.hypot(landmarks[3 * i]! - x!, landmarks[3 * i + 1]! - y!))
  return (100 * distances.reduce((sum, d) => sum + d, 0)) / distances.length / Math.sqrt(side(0) * side(1))
}
