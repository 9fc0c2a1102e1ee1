import { type Remote, transfer } from 'comlink'
import type { Engine } from '../engine/engine.ts'
import { element } from './elements.ts'
import type { MeshView } from './mesh-view.ts'

/** Milliseconds from one skin of a moving face to the next. */
const TEXTURE_EVERY = 500

/** The first face in 3D. Its view is loaded with the first face of all. */
export class SolidPanel {
  readonly #engine: Remote<Engine>
  readonly #place = element('mesh')
  readonly #front = element<HTMLButtonElement>('front')
  #opening: Promise<MeshView | undefined> | undefined
  #view: MeshView | undefined
  /** Positions that the view has shown: they go back to be written anew. */
  #used: Float32Array<ArrayBuffer> | undefined
  #painted = 0

  constructor(engine: Remote<Engine>) {
    this.#engine = engine
    this.#front.addEventListener('click', () => this.#view?.lookFromFront())
  }

  /** Shows the engine's first face, with a new skin or that of before; nothing when there is no face. */
  async show(withTexture: boolean): Promise<void> {
    const used = this.#used
    this.#used = undefined
    const solid = await this.#engine.solid(withTexture, this.#view?.faceModel, used && transfer(used, [used.buffer]))
    if (!solid) return this.#view?.clear()
    this.#opening ??= this.#open()
    const view = await this.#opening
    view?.show(solid)
    this.#used = solid.positions
  }

  /** Shows the face of a frame, if that is of use now. As long as there is no view it is tried as seldom as there is a new skin. */
  async follow(): Promise<void> {
    const withTexture = performance.now() - this.#painted > TEXTURE_EVERY
    if (this.#view ? !this.#view.wanted : !withTexture) return
    if (withTexture) this.#painted = performance.now()
    await this.show(withTexture)
  }

  /** The view, or undefined with a reason in its place. */
  async #open(): Promise<MeshView | undefined> {
    // Larger than all else; a page without faces does not need it.
    const loaded = await import('./mesh-view.ts').catch(() => undefined)
    if (!loaded) {
      this.#place.textContent =
        'The view in 3D could not be loaded. Check the network; the next picture tries again. Everything else works.'
      this.#opening = undefined
      return undefined
    }
    try {
      this.#view = new loaded.MeshView(this.#place)
      this.#front.disabled = false
    } catch {
      this.#place.textContent = 'This browser has no WebGL, which the view in 3D needs. Everything else works.'
      for (const part of document.querySelectorAll<HTMLElement>('.of-view')) part.hidden = true
    }
    return this.#view
  }
}
