import type { EngineReport, ExpressionChanges, ExpressionMode } from '../engine/types.ts'
import { element } from './elements.ts'

const STEPS = 100

/** A slider for each expression of the face model. They follow the face until somebody moves them. */
export class ExpressionPanel {
  readonly #onChange: () => void
  #faceModel = ''
  #sliders: HTMLInputElement[] = []
  #own: readonly number[] = []
  #changes: Record<number, number> = {}

  constructor(onChange: () => void) {
    this.#onChange = onChange
    element('reset-expression').addEventListener('click', () => {
      this.reset()
      this.#onChange()
    })
  }

  /** What the sliders have moved. */
  get changes(): ExpressionChanges {
    return this.#changes
  }

  /** Id of the face model that the sliders are of; none before the first. */
  get faceModel(): string {
    return this.#faceModel
  }

  /** The expressions of a face model. Those that are here already stay as they have been moved. */
  offer({ faceModel, expressions }: EngineReport): void {
    if (faceModel === this.#faceModel) return
    this.#faceModel = faceModel
    this.#changes = {}
    this.#own = []
    this.#sliders = expressions.map((mode, k) => this.#slider(mode, k))
    element('modes').replaceChildren(...this.#sliders.map((slider, k) => labelled(slider, expressions[k]!.name)))
    this.#show()
  }

  /** The coefficients of the face that is shown; none when there is no face. */
  follow(own: readonly number[] = []): void {
    this.#own = own
    this.#show()
  }

  /** The face's own expression again. */
  reset(): void {
    this.#changes = {}
    this.#show()
  }

  #slider({ min, max }: ExpressionMode, k: number): HTMLInputElement {
    const slider = document.createElement('input')
    slider.type = 'range'
    ;[slider.min, slider.max, slider.step] = [min, max, (max - min) / STEPS].map(String) as [string, string, string]
    slider.addEventListener('input', () => {
      this.#changes[k] = Number(slider.value)
      this.#onChange()
    })
    return slider
  }

  #show(): void {
    element<HTMLFieldSetElement>('expression').disabled = this.#own.length !== this.#sliders.length
    this.#sliders.forEach((slider, k) => {
      slider.value = String(this.#changes[k] ?? this.#own[k] ?? 0)
    })
  }
}

function labelled(slider: HTMLInputElement, name: string): HTMLLabelElement {
  const label = document.createElement('label')
  label.append(spoken(name), slider)
  return label
}

/** `mouthSmileLeft` as `Mouth smile left`, `expression_1` as `Mode 1`. */
function spoken(name: string): string {
  const [, mode] = /^expression_(\d+)$/.exec(name) ?? []
  if (mode) return `Mode ${mode}`
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${words[0]?.toUpperCase()}${words.slice(1)}`
}
