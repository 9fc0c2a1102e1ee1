import { type Face, FaceAligner, type ImageView, type MorphableModel } from '@3ddfa/core'
import type { ModelStore } from '@3ddfa/models/node'
import { type AlignerChoice, openAligner } from '../compose.ts'
import type { Console } from '../console.ts'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { readPicture } from '../images.ts'
import type { Setting } from './setting.ts'

/** A picture that is measured on. */
export interface BenchPicture {
  readonly path: string
  readonly image: ImageView
  /** With dense vertices, in the detector's order. */
  readonly faces: readonly Face[]
}

/** Engines and pictures of a run, each opened once. */
export class Lab {
  readonly #aligners = new Map<string, Promise<FaceAligner>>()
  readonly #store: ModelStore
  /** Never `auto`. */
  readonly model: string
  readonly #detectSize: number | undefined
  readonly #console: Console
  #morphableModel: MorphableModel | undefined

  constructor(store: ModelStore, { model, detectSize }: Pick<AlignerChoice, 'model' | 'detectSize'>, console: Console) {
    this.#store = store
    this.model = model
    this.#detectSize = detectSize
    this.#console = console
  }

  /** The aligner of a setting; all of them share one face model. */
  aligner({ backend, detector, runtime, threads }: Setting): Promise<FaceAligner> {
    const key = `${backend} ${detector} ${runtime} ${threads}`
    if (!this.#aligners.has(key)) this.#aligners.set(key, this.#open({ backend, detector, runtime, threads }))
    return this.#aligners.get(key)!
  }

  /** Reads pictures and finds their faces. @throws {CliError} when one has none. */
  async pictures(paths: readonly string[], setting: Setting, maxPixels: number): Promise<BenchPicture[]> {
    const aligner = await this.aligner(setting)
    const pictures: BenchPicture[] = []
    for (const path of paths) {
      const { image } = await readPicture(path, { maxPixels })
      const faces = await aligner.align(image, { dense: true })
      if (faces.length === 0) throw new CliError(`${path} has no face that ${setting.detector} finds.`)
      pictures.push({ path, image, faces })
    }
    return pictures
  }

  async dispose(): Promise<void> {
    const opened = await Promise.allSettled(this.#aligners.values())
    await Promise.all(opened.map((aligner) => aligner.status === 'fulfilled' && aligner.value.dispose()))
  }

  async #open(choice: Omit<Setting, 'batch'>): Promise<FaceAligner> {
    const parts = { ...choice, model: this.model, detectSize: this.#detectSize }
    const opened = await openAligner(parts, this.#store, this.#console).catch((error: unknown) => {
      throw new CliError(messageOf(error), EXIT.usage)
    })
    this.#morphableModel ??= opened.model
    const { backend, regressor, detector } = opened
    return FaceAligner.create({ backend, regressor, detector: detector!, model: this.#morphableModel })
  }
}
