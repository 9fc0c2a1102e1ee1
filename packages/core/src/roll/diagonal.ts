import type { Backend } from '../backend.ts'
import type { FaceBox } from '../detection.ts'
import { createImage, type ImageView } from '../image.ts'
import { sampleBilinear } from '../texture/sample.ts'

/** Side to which pictures are made smaller before they are turned, pixels: that costs a sample a pixel, and detectors see less. */
const MAX_SIDE = 1920

/** A picture turned clockwise by 45 degrees in a black square that holds all of it, and the way back for boxes. */
export function turnDiagonally(
  image: ImageView,
  backend: Pick<Backend, 'resample'>,
): { image: ImageView; unturned(box: FaceBox): FaceBox } {
  const scale = Math.min(1, MAX_SIDE / Math.max(image.width, image.height))
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ]
  const small = scale < 1 ? createImage(width, height) : image
  if (scale < 1) backend.resample(image, { x1: 0, y1: 0, x2: image.width, y2: image.height }, small)
  const side = Math.ceil((width + height) * Math.SQRT1_2)
  const turned = createImage(side, side)
  const color = new Float32Array(3)
  /** From the turned picture's middles of pixels to those of the other. */
  const back = (x: number, y: number): [number, number] => {
    const [dx, dy] = [(x - (side - 1) / 2) * Math.SQRT1_2, (y - (side - 1) / 2) * Math.SQRT1_2]
    return [dx + dy + (width - 1) / 2, dy - dx + (height - 1) / 2]
  }
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [sx, sy] = back(x, y)
      if (sx < 0 || sy < 0 || sx > width - 1 || sy > height - 1) continue
      sampleBilinear(small, sx, sy, color, 0)
      turned.data.set(color, 3 * (y * side + x))
    }
  return {
    image: turned,
    unturned: (box) => {
      const [x, y] = back((box.x1 + box.x2 - 1) / 2, (box.y1 + box.y2 - 1) / 2)
      const [w, h] = [(box.x2 - box.x1) / 2, (box.y2 - box.y1) / 2]
      const [cx, cy] = [x + 0.5, y + 0.5]
      return { ...box, x1: (cx - w) / scale, y1: (cy - h) / scale, x2: (cx + w) / scale, y2: (cy + h) / scale }
    },
  }
}
