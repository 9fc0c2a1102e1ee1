// NME and head pose on pictures with known points, ROI from the true points: pnpm --filter @3ddfa/benchmarks accuracy AFLW2000_DIR LANDMARKS_DIR
import { type FaceAligner, poseFromParams, roiFromLandmarks, splitParams } from '@3ddfa/core'
import { openAligner } from './compose.ts'
import { readAflw2000, readLandmarkFolder, type Sample } from './data.ts'
import { nme, type Point } from './nme.ts'

/** NME in percent of each sample. */
export async function evaluate(aligner: FaceAligner, samples: readonly Sample[]): Promise<number[]> {
  const errors: number[] = []
  for (const { image, truth } of samples) {
    const [face] = await aligner.align(image, { rois: [roiFromLandmarks(truth.flat(), 2)] })
    errors.push(
      nme(
        Array.from({ length: 68 }, (_, i): Point => [face!.landmarks[3 * i]!, face!.landmarks[3 * i + 1]!]),
        truth,
      ),
    )
  }
  return errors
}

/** Mean absolute error in degrees of pitch, yaw and roll together. */
export async function evaluatePose(
  aligner: FaceAligner,
  samples: readonly Sample[],
  convention: 'aflw2000' | '3ddfa-v2',
): Promise<number> {
  let sum = 0
  for (const { image, truth, pose } of samples) {
    const [face] = await aligner.align(image, { rois: [roiFromLandmarks(truth.flat(), 2)] })
    const { pitch, yaw, roll } = poseFromParams(splitParams(aligner.model, face!.params), convention)
    // The reference counts pitch and roll the other way round than the labels.
    const sign = convention === 'aflw2000' ? 1 : -1
    const [truePitch, trueYaw, trueRoll] = pose!
    sum += Math.abs(sign * pitch - truePitch) + Math.abs(yaw - trueYaw) + Math.abs(sign * roll - trueRoll)
  }
  return (sum * 180) / Math.PI / samples.length / 3
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

async function main([aflw, landmarks]: string[]): Promise<void> {
  const aligner = await openAligner()
  if (aflw) {
    const samples = await readAflw2000(aflw)
    const errors = await evaluate(aligner, samples)
    samples.forEach(({ name, yaw }, i) => {
      console.log(`${name}  yaw ${yaw!.toFixed(1).padStart(6)}  NME ${errors[i]!.toFixed(2)}`)
    })
    console.log(`AFLW2000-3D pictures: ${samples.length}, mean NME ${mean(errors).toFixed(3)} (the reference: 3.26)`)
    for (const convention of ['aflw2000', '3ddfa-v2'] as const)
      console.log(
        `pose, convention ${convention}: mean absolute error ${(await evaluatePose(aligner, samples, convention)).toFixed(2)} degrees`,
      )
  }
  if (landmarks) {
    const errors = await evaluate(aligner, await readLandmarkFolder(landmarks))
    console.log(`landmark pictures: ${errors.length}, mean NME ${mean(errors).toFixed(3)} (the reference: 4.09)`)
  }
  await aligner.dispose()
}

if (process.argv[1]?.endsWith('accuracy.ts')) await main(process.argv.slice(2))
