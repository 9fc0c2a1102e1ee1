import { FORMATS, type Format, type NamedFile } from '../engine/types.ts'
import { button, element } from './elements.ts'

/** One button a format; they sleep until there is a face, and each while its file is made. */
export function offerDownloads(make: (format: Format) => Promise<NamedFile>, onError: (error: unknown) => void): void {
  element('downloads').replaceChildren(...FORMATS.map((format) => downloadButton(format, make, onError)))
  allowDownloads(false)
}

function downloadButton(
  format: Format,
  make: (format: Format) => Promise<NamedFile>,
  onError: (error: unknown) => void,
): HTMLButtonElement {
  const made = button(`.${format}`, async () => {
    // Not disabled: that would take the keyboard from it.
    if (made.ariaBusy === 'true') return
    made.ariaBusy = 'true'
    await make(format).then(save).catch(onError)
    made.ariaBusy = 'false'
  })
  return made
}

export function allowDownloads(allowed: boolean): void {
  for (const made of element('downloads').querySelectorAll('button')) made.disabled = !allowed
}

/** Hands a file to the browser's downloads. */
export function save({ name, blob }: NamedFile): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // Long after the browser took it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
