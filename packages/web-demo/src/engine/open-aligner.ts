import { type Backend, FaceAligner, prepareModel, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createDetector } from '@3ddfa/detector'
import { createWebSession, prepareWebRuntime, type WebSession } from '@3ddfa/inference/web'
import { createWasmBackend } from '@3ddfa/render-wasm'
import { modesOf } from './expression-modes.ts'
import { ModelSources } from './model-sources.ts'
import type { Stopwatch } from './stopwatch.ts'
import type { EngineReport, Progress, Settings } from './types.ts'

/** Everything that the settings ask for, loaded at the same time. */
export async function openAligner(
  settings: Settings,
  modelsUrl: string,
  watch: Stopwatch,
  onProgress: (progress: Progress) => void,
): Promise<{ aligner: FaceAligner; report: EngineReport }> {
  const notes: string[] = []
  const providers = settings.provider === 'webgpu' ? (['webgpu', 'wasm'] as const) : (['wasm'] as const)
  const sources = new ModelSources(settings, modelsUrl, onProgress, (warning) => notes.push(warning))
  const session = async (bytes: Promise<Uint8Array<ArrayBuffer>>): Promise<WebSession> =>
    createWebSession(await bytes, { providers })
  const backendReady = openBackend(settings.backend)
  // Both take long, so they begin before anything waits for them.
  void prepareWebRuntime({ providers })
  const modelReady = sources.face().then(async (model) => {
    prepareModel(await backendReady, model)
    return model
  })
  const [kernels, detectorSession, regressorSession, model] = await Promise.all([
    backendReady,
    session(sources.detector()),
    session(sources.regressor()),
    modelReady,
  ])
  const backend = watch.backend(kernels)
  const detector = watch.detector(createDetector(settings.detector, detectorSession, { resampler: backend }))
  const regressor = watch.regressor(new SessionParamRegressor(regressorSession, sources.regressorId))
  const aligner = await FaceAligner.create({ backend, detector, regressor, model })
  const { provider } = regressorSession
  notes.push(...new Set([...detectorSession.notes, ...regressorSession.notes]))
  const names = { backend: backend.id, detector: detector.id, regressor: regressor.id, faceModel: model.id }
  return { aligner, report: { ...names, provider, notes, expressions: modesOf(model) } }
}

async function openBackend(id: Settings['backend']): Promise<Backend> {
  return id === 'wasm' ? createWasmBackend() : new ReferenceBackend()
}
