import { type Backend, FaceAligner, prepareModel, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createDetector } from '@3ddfa/detector'
import { createWebSession, prepareWebRuntime, type WebSession } from '@3ddfa/inference/web'
import { createWasmBackend } from '@3ddfa/render-wasm'
import { modesOf } from './expression-modes.ts'
import { ModelSources } from './model-sources.ts'
import type { Stopwatch } from './stopwatch.ts'
import type { EngineReport, Progress, Settings } from './types.ts'

/**
 * Everything that the settings ask for, loaded at the same time. When something cannot be had, or `signal` ends it, nothing of the
 * rest is kept.
 */
export async function openAligner(
  settings: Settings,
  modelsUrl: string,
  watch: Stopwatch,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ aligner: FaceAligner; report: EngineReport }> {
  const notes: string[] = []
  const executionProviders = settings.provider === 'webgpu' ? (['webgpu', 'wasm'] as const) : (['wasm'] as const)
  const sources = new ModelSources(settings, modelsUrl, {
    onProgress,
    onWarning: (warning) => notes.push(warning),
    signal,
  })
  const session = async (bytes: Promise<Uint8Array<ArrayBuffer>>): Promise<WebSession> =>
    createWebSession(await bytes, { executionProviders })
  const backendReady = openBackend(settings.backend)
  // Both take long, so they begin before anything waits for them.
  void prepareWebRuntime({ executionProviders })
  const modelReady = sources.face().then(async (model) => {
    prepareModel(await backendReady, model)
    return model
  })
  const sessionsReady = [session(sources.detector()), session(sources.regressor())] as const
  try {
    const [kernels, model, detectorSession, regressorSession] = await Promise.all([
      backendReady,
      modelReady,
      ...sessionsReady,
    ])
    const backend = watch.backend(kernels)
    const size = settings.detectSize === 'auto' ? {} : { maxSize: Number(settings.detectSize) }
    const detector = watch.detector(createDetector(settings.detector, detectorSession, { resampler: backend, ...size }))
    const regressor = watch.regressor(new SessionParamRegressor(regressorSession, sources.regressorId))
    const aligner = await FaceAligner.create({ backend, detector, regressor, model })
    const { provider } = regressorSession
    notes.push(...new Set([...detectorSession.notes, ...regressorSession.notes]))
    const names = { backend: backend.id, detector: detector.id, regressor: regressor.id, faceModel: model.id }
    return { aligner, report: { ...names, provider, notes, expressions: modesOf(model) } }
  } catch (error) {
    for (const ready of [backendReady, ...sessionsReady])
      ready.then(
        (opened) => opened.dispose(),
        () => {},
      )
    throw error
  }
}

async function openBackend(id: Settings['backend']): Promise<Backend> {
  return id === 'wasm' ? createWasmBackend() : new ReferenceBackend()
}
