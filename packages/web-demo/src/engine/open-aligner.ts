import { type Backend, FaceAligner, prepareModel, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createDetector } from '@3ddfa/detector'
import { createWebSession, prepareWebRuntime, type WebSession } from '@3ddfa/inference/web'
import { loadMorphableModel, openWebModelStore } from '@3ddfa/models/web'
import { createWasmBackend } from '@3ddfa/render-wasm'
import type { Stopwatch } from './stopwatch.ts'
import type { EngineReport, Progress, Settings } from './types.ts'

const REGRESSOR = 'mb05'

/** Everything that the settings ask for, loaded at the same time. */
export async function openAligner(
  settings: Settings,
  modelsUrl: string,
  watch: Stopwatch,
  onProgress: (progress: Progress) => void,
): Promise<{ aligner: FaceAligner; report: EngineReport }> {
  const notes: string[] = []
  const providers = settings.provider === 'webgpu' ? (['webgpu', 'wasm'] as const) : (['wasm'] as const)
  const store = openWebModelStore({ baseUrl: modelsUrl, onWarning: (warning: string) => notes.push(warning) })
  const load = (id: string) => (loaded: number, total: number, cached: boolean) =>
    onProgress({ what: id, loaded, total, cached })
  const session = async (id: string): Promise<WebSession> => {
    const progress = load(id)
    const bytes = await store.load(id, { onProgress: (p) => progress(p.loaded, p.total, p.from === 'cache') })
    return createWebSession(bytes, { providers })
  }
  const progress = load('bfm')
  const backendReady = openBackend(settings.backend)
  // Both take long, so they begin before anything waits for them.
  void prepareWebRuntime({ providers })
  const modelReady = loadMorphableModel(store, 'bfm', {
    onProgress: (p) => progress(p.loaded, p.total, p.from === 'cache'),
  }).then(async (model) => {
    prepareModel(await backendReady, model)
    return model
  })
  const [kernels, detectorSession, regressorSession, model] = await Promise.all([
    backendReady,
    session(settings.detector),
    session(REGRESSOR),
    modelReady,
  ])
  const backend = watch.backend(kernels)
  const detector = watch.detector(createDetector(settings.detector, detectorSession, { resampler: backend }))
  const regressor = watch.regressor(new SessionParamRegressor(regressorSession, REGRESSOR))
  const aligner = await FaceAligner.create({ backend, detector, regressor, model })
  const { provider } = regressorSession
  notes.push(...new Set([...detectorSession.notes, ...regressorSession.notes]))
  return { aligner, report: { backend: backend.id, provider, notes, detector: detector.id, regressor: regressor.id } }
}

async function openBackend(id: Settings['backend']): Promise<Backend> {
  return id === 'wasm' ? createWasmBackend() : new ReferenceBackend()
}
