import { type FaceAligner, type ImageView, RenderScratch, renderShaded, snapRoi, verticesOf } from '@3ddfa/core'
import { PUBLISHED_DEFAULTS } from '@3ddfa/models/web'
import { expose } from 'comlink'
import { fetchBytes } from '../engine/fetch-bytes.ts'
import { exportedModels } from '../engine/model-sources.ts'
import { openAligner } from '../engine/open-aligner.ts'
import { MAX_PHOTO, readPixels } from '../engine/pictures.ts'
import { Stopwatch } from '../engine/stopwatch.ts'
import type { Settings } from '../engine/types.ts'
import { timeOf } from './timing.ts'
import type { Choice, Measurement, StageTime } from './types.ts'

/** Measures one choice of engines from start to end; each is given a worker of its own, so that none finds a runtime warm. */
export class Meter {
  /** @param seconds for each stage. */
  async measure(
    choice: Choice,
    modelsUrl: string,
    pictureUrl: string,
    seconds: number,
    onStage: (stage: string) => void,
  ): Promise<Measurement> {
    const sample = await fetchBytes(new URL(pictureUrl))
    const image = await readPixels(await createImageBitmap(new Blob([sample])), MAX_PHOTO)
    const exported = await exportedModels(modelsUrl)
    const published = Object.values(PUBLISHED_DEFAULTS).every((id) => exported.includes(id))
    const settings: Settings = {
      detectSize: 'auto',
      roll: 'upright',
      ...choice,
      ...(published
        ? { model: 'published', detector: PUBLISHED_DEFAULTS.detector }
        : { model: 'open', detector: 'open' }),
    }
    const started = performance.now()
    const { aligner, report } = await openAligner(settings, modelsUrl, new Stopwatch(), () => {})
    await aligner.align(image, { dense: true })
    const start = performance.now() - started
    const stages: StageTime[] = []
    for (const [stage, work] of Object.entries(await worksOf(aligner, image))) {
      onStage(stage)
      stages.push({ stage, ...(await timeOf(work, seconds)) })
    }
    await aligner.dispose()
    return {
      ...{ choice, start, stages, notes: report.notes },
      provider: `${report.provider}, kernels ${report.backend}`,
      models: `${report.detector}, ${report.regressor}, ${report.faceModel}`,
      picture: `${image.width} x ${image.height}`,
    }
  }
}

async function worksOf(aligner: FaceAligner, image: ImageView): Promise<Record<string, () => unknown>> {
  const { backend, detector, regressor, model } = aligner
  const faces = await aligner.align(image, { dense: true })
  const [face] = faces
  if (!face) throw new Error('No face was found on the sample.')
  const size = regressor.inputSize
  const crop: ImageView = { data: new Uint8Array(size * size * 3), width: size, height: size, channels: 3 }
  const vertices = new Float32Array(verticesOf(face).length)
  const canvas: ImageView = { ...image, data: image.data.slice() }
  const scratch = new RenderScratch()
  const tracker = aligner.tracker({ dense: true, reuse: true })
  let frame = 0
  const draw = (drawn: typeof faces): void => {
    ;(canvas.data as Uint8ClampedArray).set(image.data)
    renderShaded(canvas, drawn, model, backend, { scratch })
  }
  return {
    detect: () => detector!.detect(image),
    crop: () => backend.resample(image, snapRoi(face.roi), crop),
    'regress, a face': () => regressor.regress([crop]),
    'dense vertices, a face': () => aligner.vertices({ params: face.params, roi: face.roi }, vertices),
    'shaded mesh, a face': () => renderShaded(canvas, [face], model, backend, { scratch }),
    'whole picture, landmarks': () => aligner.align(image),
    'whole picture, shaded': async () => draw(await aligner.align(image, { dense: true })),
    'tracked frame, dense': () => tracker.next(image, frame++ / 25),
  }
}

expose(new Meter())
