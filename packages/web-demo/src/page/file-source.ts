import { element } from './elements.ts'

const VIDEO = /\.(mp4|m4v|mov|webm|mkv|avi|ogv)$/i

/** Photographs and videos that are dropped, pasted or chosen. */
export function listenForFiles(onPhoto: (file: Blob) => void, onVideo: (file: File) => void): void {
  const drop = element('drop')
  const take = (file: File | null | undefined): void => {
    if (!file) return
    // Browsers do not tell the type of every file.
    if (file.type.startsWith('video/') || (!file.type && VIDEO.test(file.name))) onVideo(file)
    else onPhoto(file)
  }
  offerFiles('choose', 'photo-file', take)
  offerFiles('choose-video', 'video-file', onVideo)
  document.addEventListener('paste', (event) => take(event.clipboardData?.files[0]))
  document.addEventListener('dragover', (event) => {
    event.preventDefault()
    drop.classList.add('over')
  })
  document.addEventListener('dragleave', () => drop.classList.remove('over'))
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    drop.classList.remove('over')
    take(event.dataTransfer?.files[0])
  })
}

/** A button that opens the browser's choice of files. */
function offerFiles(button: string, id: string, take: (file: File) => void): void {
  const input = element<HTMLInputElement>(id)
  element(button).addEventListener('click', () => input.click())
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    if (file) take(file)
    // The same file may be chosen again.
    input.value = ''
  })
}

/** The pixels of a picture file, upright. @throws {Error} one sentence when it is no picture. */
export async function readPicture(file: Blob): Promise<ImageBitmap> {
  try {
    // Colours as they are stored, as the command reads them: so the networks were trained.
    return await createImageBitmap(file, { imageOrientation: 'from-image', colorSpaceConversion: 'none' })
  } catch (cause) {
    const name = file instanceof File ? file.name : 'what was pasted'
    throw new Error(
      `${name} is no picture that this browser can read, or not a whole one; try a JPEG, PNG or WebP file.`,
      { cause },
    )
  }
}
