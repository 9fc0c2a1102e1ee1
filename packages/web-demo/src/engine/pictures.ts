import type { ImageView } from '@3ddfa/core'

/** Pixels that a photograph may have; larger ones are made smaller. No browser has a smaller limit for what is drawn on. */
export const MAX_PHOTO = 4096 * 4096
/** Likewise a frame: a face fills the network's 120 pixels long before that, and there are many. */
export const MAX_FRAME = 2048 * 2048

/** A frame that tracking still holds (look-ahead keeps one) must not be written over. */
const RING = 4
const ring: Uint8Array[] = []
let turn = 0
const RGBA = { format: 'RGBA' } as VideoFrameCopyToOptions

/**
 * The pixels of a bitmap or video frame, RGBA, made smaller where they are more than `most`; those of a video frame are valid until
 * three more were read. Closes it.
 */
export async function readPixels(source: ImageBitmap | VideoFrame, most: number): Promise<ImageView> {
  try {
    return (source instanceof ImageBitmap ? undefined : await copyFrame(source, most)) ?? drawAndRead(source, most)
  } finally {
    source.close()
  }
}

/** Straight from the frame into memory that is there already; undefined where the browser cannot. */
async function copyFrame(frame: VideoFrame, most: number): Promise<ImageView | undefined> {
  const { displayWidth: width, displayHeight: height, visibleRect } = frame
  const { rotation = 0, flip = false } = frame as VideoFrame & { rotation?: number; flip?: boolean }
  const plain = rotation === 0 && !flip && visibleRect?.width === width && visibleRect.height === height
  if (!plain || width * height > most) return undefined
  // WebKit does not know the option, and would copy the frame's own planes in silence.
  if (frame.allocationSize(RGBA) !== 4 * width * height) return undefined
  turn = (turn + 1) % RING
  if (ring[turn]?.length !== 4 * width * height) ring[turn] = new Uint8Array(4 * width * height)
  const data = ring[turn]!
  try {
    await frame.copyTo(data, RGBA)
    return { data, width, height, channels: 4 }
  } catch {
    return undefined
  }
}

/** Where pictures are drawn to be read. */
let paper: OffscreenCanvasRenderingContext2D | undefined

function drawAndRead(source: ImageBitmap | VideoFrame, most: number): ImageView {
  const [w, h] =
    source instanceof ImageBitmap ? [source.width, source.height] : [source.displayWidth, source.displayHeight]
  const scale = Math.min(1, Math.sqrt(most / (w * h)))
  const [width, height] = [Math.max(1, Math.floor(w * scale)), Math.max(1, Math.floor(h * scale))]
  paper ??= new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
  const { canvas } = paper
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
  // What is transparent shows paper, not the picture before.
  paper.fillStyle = 'white'
  paper.imageSmoothingQuality = 'high'
  paper.fillRect(0, 0, width, height)
  paper.drawImage(source, 0, 0, width, height)
  return { data: paper.getImageData(0, 0, width, height).data, width, height, channels: 4 }
}

/** RGB or RGBA as what a canvas takes. */
export function toImageData({ data, width, height, channels }: ImageView): ImageData {
  const out = new ImageData(width, height)
  if (channels === 4) out.data.set(data)
  else
    for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
      out.data[to] = data[from]!
      out.data[to + 1] = data[from + 1]!
      out.data[to + 2] = data[from + 2]!
    }
  if (channels === 3) for (let i = 3; i < out.data.length; i += 4) out.data[i] = 255
  return out
}

export async function encodePng(image: ImageView): Promise<Blob> {
  const canvas = new OffscreenCanvas(image.width, image.height)
  canvas.getContext('2d')!.putImageData(toImageData(image), 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}
