import type { ImageView } from '../image.ts'
import { sampleBilinear } from '../texture/sample.ts'
import { type Curve, type Eye, through } from './eye.ts'

/** Where the edge of an upper lid is looked for, in widths of the eye from where the fit has it: it tends to be below the lashes. */
const EDGE = { lowest: -0.1, highest: 0.3, step: 0.025, tilt: 0.15 } as const
/** How far above the edge there is skin again, and what its light counts beside the dark of the lashes; what distance from the fit costs. */
const ABOVE = { distance: 0.1, weight: 0.5 } as const
const COST = 1
/** The light of a line is that which so many of its places do not reach: an iris is dark as well, but narrower than lashes. */
const PLACES = 0.7

/** The edge of an eye's upper lid as the photograph has it: the darkest line near the fitted one that has skin above it. */
export function lidEdge(image: ImageView, eye: Eye): Curve {
  const color = new Float32Array(3)
  const light = (line: Curve): number => {
    const levels: number[] = []
    for (let s = 0.15; s < 0.86; s += 0.05) {
      sampleBilinear(image, ...eye.place(s, eye.upper(s) + line(s)), color, 0)
      levels.push(color[0]! + color[1]! + color[2]!)
    }
    return levels.sort((a, b) => a - b)[Math.floor(PLACES * levels.length)]!
  }
  const skin = Math.max(...[0.15, 0.2, 0.25, 0.3].map((t) => light(() => Math.min(t, 0.9 * eye.room)))) || 1
  let best: { score: number; line: Curve } = { score: Infinity, line: () => 0 }
  const steps = Math.round((EDGE.highest - EDGE.lowest) / EDGE.step)
  for (let i = 0; i <= steps; i++)
    for (let j = 0; j <= steps; j++) {
      const [a, b] = [EDGE.lowest + i * EDGE.step, EDGE.lowest + j * EDGE.step]
      if (Math.abs(a - b) > EDGE.tilt) continue
      const line = through([0.33, a], [0.67, b])
      const above = light((s) => line(s) + ABOVE.distance)
      const score = (light(line) - ABOVE.weight * above) / skin + COST * (a * a + b * b)
      if (score < best.score) best = { score, line }
    }
  return (s) => eye.upper(s) + best.line(s)
}
