import type { RenderTarget } from '../backend.ts'
import type { ImageView } from '../image.ts'
import type { MorphableModel } from '../model.ts'
import { unit } from '../texture/lips.ts'
import { sampleBilinear } from '../texture/sample.ts'
import { EYES, Eye } from './eye.ts'
import { lidEdge } from './lid-edge.ts'

/** Closing from which on an eye is drawn anew, wholly so from the second on. */
const CLOSING = [0.02, 0.1] as const
/** Of the room between lid and brow, the share down to the lid that gives way when the lid moves. */
const SKIN = 0.68
/** What moves with a lid's edge as it is, lashes: that far above it, in widths of the eye, but no more than this share of its skin; and below. */
const LASHES = { above: 0.2, share: 0.6, below: 0.03 } as const
/** So far below the lower lid, in widths of the eye, nothing changes, and over so much the change begins, there and on all sides. */
const LOWER = 0.1
const BEGIN = 0.08

/**
 * Closes, in place, the eyes of a warped picture as far as their lids have moved: lashes come down with the lid's edge, the skin above follows
 * as far as the brow, and what is still open stays what it was. The mesh alone does not tell where in the photograph the edge is.
 */
export function closeLids(
  out: ImageView,
  image: ImageView,
  from: Float32Array,
  to: Float32Array,
  { landmarks }: Pick<MorphableModel, 'landmarks'>,
  target: RenderTarget,
): void {
  for (const points of EYES) {
    const [before, after] = [new Eye(from, landmarks, points), new Eye(to, landmarks, points)]
    const closing = 1 - after.opening / before.opening
    const amount = unit((closing - CLOSING[0]) / (CLOSING[1] - CLOSING[0]))
    if (before.width >= 4 && amount > 0) moveLid(out, image, before, after, target, amount)
  }
}

function moveLid(
  out: ImageView,
  image: ImageView,
  before: Eye,
  after: Eye,
  target: RenderTarget,
  amount: number,
): void {
  const edge = lidEdge(image, before)
  const { left, top, right, bottom } = after.box(target)
  const [lid, open] = [new Float32Array(3), new Float32Array(3)]
  const sample = (s: number, t: number, color: Float32Array): void => {
    sampleBilinear(image, ...before.place(s, t), color, 0)
  }
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const [s, t] = after.along(x, y)
      if (s <= 0 || s >= 1) continue
      const brow = before.upper(s) + SKIN * before.room
      const low = before.lower(s) - LOWER
      const within = Math.min(brow - t, t - low, s, 1 - s)
      const share = amount * unit(within / BEGIN) * after.shownAt(target, x, y)
      if (share === 0) continue
      const [old, now] = [edge(s), after.upper(s)]
      const lashes = Math.max(0, Math.min(LASHES.above, LASHES.share * (brow - old)))
      // Skin between lashes and brow is drawn out, or folds.
      const stretch = (brow - old - lashes) / (brow - now - lashes)
      sample(s, t > now + lashes ? brow + (t - brow) * stretch : t + old - now, lid)
      sample(s, t, open)
      // Over a pixel and a half, against steps.
      const covered = unit(((t - now + LASHES.below) * after.width) / 1.5 + 0.5)
      const at = (y * out.width + x) * out.channels
      for (let k = 0; k < 3; k++) {
        const value = open[k]! + (lid[k]! - open[k]!) * covered
        out.data[at + k] = Math.round(out.data[at + k]! + (value - out.data[at + k]!) * share)
      }
    }
}
