import { type Remote, transfer } from 'comlink'
import type { Engine } from '../engine/engine.ts'
import { element } from './elements.ts'
import type { MeshView } from './mesh-view.ts'

/** Milliseconds from one skin of a moving face to the next. */
const TEXTURE_EVERY = 500

/** The chosen face in 3D. Its view is loaded with the first face of all, while everything else goes on. */
export class SolidPanel {
  readonly #engine: Remote<Engine>
  readonly #onError: (error: unknown) => void
  readonly #place = element('mesh')
  readonly #front = element<HTMLButtonElement>('front')
  /** From the first face on, unless the view's code could not be had. */
  #isOpening = false
  #view: MeshView | undefined
  /** Positions that the view has shown: they go back to be written anew. */
  #used: Float32Array<ArrayBuffer> | undefined
  #painted = 0

  constructor(engine: Remote<Engine>, onError: (error: unknown) => void) {
    this.#engine = engine
    this.#onError = onError
    this.#front.addEventListener('click', () => this.#view?.resetView())
  }

  /** Shows the face that the engine gives, with a new skin or that of before; nothing when there is no face. */
  async show(withTexture: boolean): Promise<void> {
    // Once there is a view it shows what there is by then.
    if (this.#isOpening && !this.#view) return
    const used = this.#used
    this.#used = undefined
    const solid = await this.#engine.solid(withTexture, this.#view?.faceModel, used && transfer(used, [used.buffer]))
    if (!solid) return this.#view?.clear()
    if (!this.#view) return void this.#open().catch(this.#onError)
    this.#view.show(solid)
    this.#used = solid.positions
  }

  /** Shows the face of a frame, if that is of use now. As long as there is no view it is tried as seldom as there is a new skin. */
  async follow(): Promise<void> {
    const withTexture = performance.now() - this.#painted > TEXTURE_EVERY
    if (this.#view ? !this.#view.wanted : !withTexture) return
    if (withTexture) this.#painted = performance.now()
    await this.show(withTexture)
  }

  /** Puts the view into its place and shows the face, or the reason why there is no view. */
  async #open(): Promise<void> {
    if (this.#isOpening) return
    this.#isOpening = true
    // Larger than all else; a page without faces does not need it.
    const loaded = await import('./mesh-view.ts').catch(() => undefined)
    if (!loaded) {
      this.#place.textContent =
        'The view in 3D could not be loaded. Check the network; the next picture tries again. Everything else works.'
      this.#isOpening = false
      return
    }
    try {
      this.#view = new loaded.MeshView(this.#place)
    } catch {
      this.#place.textContent = 'This browser has no WebGL, which the view in 3D needs. Everything else works.'
      for (const part of document.querySelectorAll<HTMLElement>('.of-view')) part.hidden = true
      return
    }
    await this.show(true)
    this.#front.disabled = false
  }
}
