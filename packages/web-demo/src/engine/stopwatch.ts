import type { Backend, FaceDetector, ParamRegressor } from '@3ddfa/core'

/** Adds up where time goes, stage by stage; what a stage spends in another counts there. */
export class Stopwatch {
  #times = new Map<string, number>()
  #inner = 0

  /** Milliseconds of each stage since the last call. */
  take(): Record<string, number> {
    const times = Object.fromEntries(this.#times)
    this.#times = new Map()
    return times
  }

  time<T>(stage: string, work: () => T): T {
    const outer = this.#inner
    const started = performance.now()
    this.#inner = 0
    const stop = (): void => {
      const spent = performance.now() - started
      this.#times.set(stage, (this.#times.get(stage) ?? 0) + spent - this.#inner)
      this.#inner = outer + spent
    }
    const result = work()
    if (result instanceof Promise) return result.finally(stop) as T
    stop()
    return result
  }

  detector(detector: FaceDetector): FaceDetector {
    const detect = (image: Parameters<FaceDetector['detect']>[0]) => this.time('detect', () => detector.detect(image))
    return { id: detector.id, detect, dispose: () => detector.dispose() }
  }

  regressor(regressor: ParamRegressor): ParamRegressor {
    const regress: ParamRegressor['regress'] = (crops) => this.time('regress', () => regressor.regress(crops))
    const { id, inputSize, paramCount } = regressor
    const known = paramCount === undefined ? {} : { paramCount }
    return { id, inputSize, ...known, regress, dispose: () => regressor.dispose() }
  }

  backend(backend: Backend): Backend {
    const timed: Backend = {
      id: backend.id,
      resample: (...given) => this.time('crop and resize', () => backend.resample(...given)),
      decode: (...given) => this.time('dense', () => backend.decode(...given)),
      vertexNormals: (...given) => this.time('light', () => backend.vertexNormals(...given)),
      light: (...given) => this.time('light', () => backend.light(...given)),
      rasterize: (...given) => this.time('rasterise', () => backend.rasterize(...given)),
      shade: (...given) => this.time('shade', () => backend.shade(...given)),
      dispose: () => backend.dispose(),
    }
    return timed
  }
}
