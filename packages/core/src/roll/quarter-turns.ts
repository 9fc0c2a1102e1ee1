import type { ImageView } from '../image.ts'
import type { HeadPose } from '../pose.ts'
import type { Roi } from '../roi.ts'

/** How often a picture is turned by 90 degrees, clockwise. */
export type QuarterTurns = 0 | 1 | 2 | 3

/** A head that leans by up to so many degrees after the turns that it has is left there: networks are as good at it, and it does not flip back and forth. */
const LEANING = 50
/** Share of the head's upward axis that has to lie in the picture for it to say where up is. */
const SEEN = 0.3

/** Pixels. */
const TILE = 32

/** A picture turned clockwise; itself for no turns. */
export function turnImage(image: ImageView, turns: QuarterTurns = 0): ImageView {
  if (turns === 0) return image
  const { data, width, height, channels } = image
  const out = new Uint8Array(data.length)
  const [columns, rows] = turns % 2 === 0 ? [width, height] : [height, width]
  // Where the turned picture's first pixel is from, and the steps from there along its rows and columns.
  const row = width * channels
  const [start, right, down] = (
    [
      [(height - 1) * row, -row, channels],
      [data.length - channels, -channels, -row],
      [row - channels, row, -channels],
    ] as const
  )[turns - 1]!
  // Tile by tile: a column of a large picture is in another cache line with every pixel.
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < columns; left += TILE)
      for (let y = top; y < Math.min(rows, top + TILE); y++) {
        const end = Math.min(columns, left + TILE)
        let at = (y * columns + left) * channels
        for (let x = left, from = start + y * down + left * right; x < end; x++, from += right, at += channels) {
          out[at] = data[from]!
          out[at + 1] = data[from + 1]!
          out[at + 2] = data[from + 2]!
          if (channels === 4) out[at + 3] = data[from + 3]!
        }
      }
  return { data: out, width: columns, height: rows, channels }
}

/** A region of a turned picture as a region of the picture that was turned, which has this size. */
export function unturnRegion(region: Roi, turns: QuarterTurns, { width, height }: Omit<ImageView, 'data'>): Roi {
  const { x1, y1, x2, y2 } = region
  if (turns === 1) return { x1: y1, y1: height - x2, x2: y2, y2: height - x1 }
  if (turns === 2) return { x1: width - x2, y1: height - y2, x2: width - x1, y2: height - y1 }
  if (turns === 3) return { x1: width - y2, y1: x1, x2: width - y1, y2: x2 }
  return { x1, y1, x2, y2 }
}

/**
 * Parameters of the face that a crop shows, from those that a network gives for the turned crop: only the camera differs.
 * @param inputSize side of the crop
 * @param side side of the region that it was cut from, whole pixels
 */
export function unturnParams(params: Float32Array, turns: QuarterTurns, inputSize: number, side: number): Float32Array {
  if (turns === 0) return params
  const out = params.slice()
  for (let turn = 0; turn < turns; turn++) {
    const [x, y] = [out.slice(0, 4), out.slice(4, 8)]
    // The picture's x is the turned one's way down, its y (up) the turned one's x; from the middles of 1-based pixels.
    out.set([-y[0]!, -y[1]!, -y[2]!, inputSize + 1 - y[3]!], 0)
    out.set([x[0]!, x[1]!, x[2]!, x[3]! - 1 + inputSize / side], 4)
  }
  return out
}

/** Points x y of a crop of `size` pixels, between the middles of whose corner pixels they count from 0, from those of the turned crop, in place. */
export function unturnPoints(points: Float32Array, turns: QuarterTurns, size: number): void {
  for (let turn = 0; turn < turns; turn++)
    for (let i = 0; i < points.length; i += 3) {
      const x = points[i]!
      points[i] = points[i + 1]!
      points[i + 1] = size - 1 - x
    }
}

/** `roi` with the turns after which the face in it stands upright; those that it has where they are as good. */
export function withUpright(roi: Roi, { rotation }: Pick<HeadPose, 'rotation'>, now: QuarterTurns = 0): Roi {
  const { x1, y1, x2, y2 } = roi
  const turns = uprightTurns(rotation[1], rotation[4], now)
  return { x1, y1, x2, y2, ...(turns > 0 && { quarterTurns: turns }) }
}

/** @param x y (up) of the head's upward axis in the picture, [-1, 1] */
function uprightTurns(x: number, y: number, now: QuarterTurns): QuarterTurns {
  if (Math.hypot(x, y) < SEEN) return now
  const lean = (Math.atan2(x, y) * 180) / Math.PI
  const left = lean + 90 * now
  const rest = left - 360 * Math.round(left / 360)
  return Math.abs(rest) <= LEANING ? now : (((4 - Math.round(lean / 90)) % 4) as QuarterTurns)
}
