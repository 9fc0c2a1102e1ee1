import {
  type Backend,
  checkImage,
  checkSession,
  DisposedError,
  expect,
  type FaceBox,
  type FaceDetector,
  type ImageView,
  ReferenceBackend,
  type Session,
  type Tensor,
} from '@3ddfa/core'
import { type Fit, isIdentity } from './fit.ts'

/** Cuts and resizes pictures; every mesh backend does. */
export type Resampler = Pick<Backend, 'resample'>

/** What a detector is given besides its network. */
export interface DetectorResources {
  /** Borrowed, never disposed. The reference backend unless given: works everywhere; the native one gives the same bytes sooner. */
  readonly resampler?: Resampler | undefined
  /** What the detector is called in results, where its network is a variant of the usual one. */
  readonly id?: string | undefined
}

/** What tells one detector from another. */
export interface Recipe {
  readonly id: string
  /** Names of the outputs that `read` uses. */
  readonly outputs: readonly string[]
  fit(image: ImageView): Fit
  /** Faces in picture pixels, best first. */
  read(outputs: Record<string, Tensor>, fit: Fit): FaceBox[]
}

/** A detector over a network as `@3ddfa/models` writes it: input `image` uint8 [1, H, W, 3] RGB. Owns the session. */
export class SessionDetector implements FaceDetector {
  readonly id: string
  readonly #session: Session
  readonly #recipe: Recipe
  readonly #resampler: Resampler
  #spare: Uint8Array | undefined
  #disposed = false

  constructor(session: Session, recipe: Recipe, { resampler, id }: DetectorResources) {
    checkNetwork(session, recipe)
    const resamples = !resampler || typeof resampler.resample === 'function'
    expect(resamples, 'resampler', 'a backend, or nothing,', resampler)
    this.id = id ?? recipe.id
    this.#session = session
    this.#recipe = recipe
    this.#resampler = resampler ?? new ReferenceBackend()
  }

  async detect(image: ImageView): Promise<FaceBox[]> {
    if (this.#disposed) throw new DisposedError('The detector was disposed; create a new one to find faces again.')
    checkImage(image)
    const fit = this.#recipe.fit(image)
    if (isIdentity(image, fit)) return this.#run(image.data, fit)
    const data = this.#takeBuffer(fit.width * fit.height * 3)
    try {
      this.#resampler.resample(image, fit.region, { data, width: fit.width, height: fit.height, channels: 3 })
      return await this.#run(data, fit)
    } finally {
      this.#spare = data
    }
  }

  dispose(): Promise<void> {
    this.#disposed = true
    this.#spare = undefined
    return this.#session.dispose()
  }

  async #run(data: ImageView['data'], fit: Fit): Promise<FaceBox[]> {
    const outputs = await this.#session.run({ image: { type: 'uint8', data, dims: [1, fit.height, fit.width, 3] } })
    return this.#recipe.read(outputs, fit)
  }

  // One buffer serves call after call; calls at the same time get one each, since the session borrows it while it runs.
  #takeBuffer(length: number): Uint8Array {
    const spare = this.#spare
    this.#spare = undefined
    return spare?.length === length ? spare : new Uint8Array(length)
  }
}

function checkNetwork(session: Session, { id, outputs }: Recipe): void {
  checkSession(session)
  const input = session.inputs.find(({ name }) => name === 'image')
  expect(
    input?.type === 'uint8' && input.dims.length === 4,
    `the ${id} network`,
    'an input `image` uint8 [1, H, W, 3]',
    session.inputs.map(({ name, type, dims }) => `${name} ${type} [${dims}]`).join(', '),
  )
  const names = session.outputs.map(({ name }) => name)
  for (const name of outputs)
    expect(names.includes(name), `the ${id} network`, `an output \`${name}\``, names.join(', '))
}
