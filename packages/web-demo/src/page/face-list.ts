import type { FaceReport, FrameReport } from '../engine/types.ts'
import { element } from './elements.ts'

interface Entry {
  readonly item: HTMLLIElement
  readonly radio: HTMLInputElement
  readonly text: HTMLSpanElement
  /** On the picture. */
  readonly number: HTMLLabelElement
}

/** The picture's faces, in a list and, where there are several, by their numbers on the picture: one of them is shown in 3D. */
export class FaceList {
  readonly #list = element('faces')
  readonly #numbers = element('numbers')
  readonly #whose = element('whose')
  readonly #hint = element('faces-hint')
  readonly #entries = new Map<number, Entry>()
  #report: FrameReport | undefined

  constructor(onChoose: (id: number) => void) {
    this.#list.addEventListener('change', ({ target }) => {
      const id = Number((target as HTMLInputElement).value)
      if (this.#report) this.show({ ...this.#report, subject: id })
      onChoose(id)
    })
  }

  /** The face that is shown in 3D; undefined without faces. */
  get subject(): FaceReport | undefined {
    return this.#report?.faces.find(({ id }) => id === this.#report?.subject)
  }

  /** Entries stay with their faces from frame to frame, and with them the keyboard. */
  show(report: FrameReport): void {
    this.#report = report
    const { faces, subject, width, height } = report
    for (const [id, entry] of this.#entries) if (!faces.some((face) => face.id === id)) this.#drop(id, entry)
    const areSeveral = faces.length > 1
    for (const face of faces) {
      const { item, radio, text, number } = this.#entries.get(face.id) ?? this.#add(face.id)
      text.textContent = describe(face)
      radio.checked = face.id === subject
      radio.hidden = !areSeveral
      item.toggleAttribute('aria-current', areSeveral && radio.checked)
      number.hidden = !areSeveral
      number.classList.toggle('chosen', radio.checked)
      number.style.setProperty('--x', `${100 * face.x}%`)
      number.style.setProperty('--y', `${100 * face.y}%`)
    }
    this.#numbers.style.setProperty('--ratio', String(width / height))
    this.#hint.hidden = !areSeveral
    this.#whose.textContent = areSeveral ? ` of face ${subject}` : ''
  }

  #add(id: number): Entry {
    const item = document.createElement('li')
    item.value = id
    const label = document.createElement('label')
    label.className = 'face'
    const radio = document.createElement('input')
    radio.type = 'radio'
    radio.name = 'face'
    radio.id = `face-${id}`
    radio.value = String(id)
    const text = document.createElement('span')
    label.append(radio, text)
    item.append(label)
    const number = document.createElement('label')
    number.className = 'number'
    number.htmlFor = radio.id
    number.textContent = String(id)
    const entry = { item, radio, text, number }
    this.#entries.set(id, entry)
    this.#list.append(item)
    this.#numbers.append(number)
    return entry
  }

  #drop(id: number, { item, number }: Entry): void {
    item.remove()
    number.remove()
    this.#entries.delete(id)
  }
}

function describe({ yaw, pitch, roll, confidence }: FaceReport): string {
  const [y, p, r] = [yaw, pitch, roll].map((angle) => `${angle.toFixed(0)}°`)
  return `yaw ${y}, pitch ${p}, roll ${r}; ${(100 * confidence).toFixed(0)} % sure`
}
