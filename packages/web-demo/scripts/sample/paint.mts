export interface Colors {
  readonly skin: readonly number[]
  readonly hair: readonly number[]
  readonly iris: readonly number[]
  readonly shirt: readonly number[]
}

type Point = readonly [number, number]

/** [3n] RGB: skin with brows, eyes and lips where the 68 landmarks are, all as seen from the front, millimetres. */
export function paintFace(points: readonly number[], landmarks: readonly Point[], colors: Colors): number[] {
  const { skin, hair, iris } = colors
  const chain = (from: number, to: number) => landmarks.slice(from, to + 1)
  const eyes = [chain(36, 41), chain(42, 47)]
  const brows = [chain(17, 21), chain(22, 26)]
  const [lips, gap] = [chain(48, 59), [...chain(60, 64)]]
  const cheeks = [mean([landmarks[2]!, landmarks[31]!]), mean([landmarks[14]!, landmarks[35]!])]
  const out: number[] = []
  for (let i = 0; i < points.length; i += 3) {
    const at = [points[i]!, points[i + 1]!] as const
    let color = skin
    for (const cheek of cheeks) color = mix(color, times(skin, [1, 0.78, 0.75]), 0.5 * bump(at, cheek, 22))
    const lip = inside(at, lips) ? Math.min(1, distance(at, closed(lips)) / 1.2) : 0
    color = mix(color, times(skin, [0.85, 0.52, 0.52]), lip)
    color = mix(color, times(skin, [0.4, 0.25, 0.25]), near(distance(at, gap), 0.5, 1.2))
    for (const brow of brows) color = mix(color, hair, 0.9 * near(distance(at, brow), 1.6, 3.2))
    for (const eye of eyes) color = paintEye(at, eye, iris, color)
    out.push(...color)
  }
  return out
}

function paintEye(
  at: Point,
  eye: readonly Point[],
  iris: readonly number[],
  skin: readonly number[],
): readonly number[] {
  const upper = eye.slice(0, 4)
  const shaded = mix(skin, times(skin, [0.75, 0.7, 0.7]), near(distance(at, closed(eye)), 0.5, 5))
  const lashes = (color: readonly number[]) => mix(color, [0.1, 0.07, 0.06], near(distance(at, upper), 0.5, 1.1))
  if (!inside(at, eye)) return lashes(shaded)
  const middle = mean(eye)
  const far = Math.hypot(at[0] - middle[0], at[1] - middle[1])
  let color = mix([0.9, 0.88, 0.86], iris, near(far, 5.2, 5.8))
  color = mix(color, [0.03, 0.03, 0.03], near(far, 2.2, 2.7))
  const glint = Math.hypot(at[0] - middle[0] + 1.8, at[1] - middle[1] - 1.6)
  return lashes(mix(color, [1, 1, 1], near(glint, 0.7, 1.2)))
}

/** 1 up to `from`, 0 beyond `to`. */
function near(value: number, from: number, to: number): number {
  return Math.max(0, Math.min(1, (to - value) / (to - from)))
}

function bump([x, y]: Point, [cx, cy]: Point, width: number): number {
  return Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width ** 2))
}

function mix(a: readonly number[], b: readonly number[], share: number): readonly number[] {
  return share === 0 ? a : a.map((value, k) => value + share * (b[k]! - value))
}

function times(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, k) => value * b[k]!)
}

function mean(points: readonly Point[]): Point {
  const sum = (k: 0 | 1) => points.reduce((total, point) => total + point[k], 0) / points.length
  return [sum(0), sum(1)]
}

function closed(polygon: readonly Point[]): readonly Point[] {
  return [...polygon, polygon[0]!]
}

function inside([x, y]: Point, polygon: readonly Point[]): boolean {
  let odd = false
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length]!
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd
  })
  return odd
}

/** From a chain of lines. */
function distance([x, y]: Point, chain: readonly Point[]): number {
  let least = Infinity
  for (let i = 0; i + 1 < chain.length; i++) {
    const [[ax, ay], [bx, by]] = [chain[i]!, chain[i + 1]!]
    const [dx, dy] = [bx - ax, by - ay]
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy))
  }
  return least
}
