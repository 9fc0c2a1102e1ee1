export type Triple = readonly [number, number, number]

export interface Shape {
  /** [3n] x right, y up, z towards the viewer. */
  readonly points: number[]
  /** [3m], clockwise as a viewer outside sees them. */
  readonly triangles: number[]
}

export interface Solid extends Shape {
  /** [3n] RGB in [0, 1]. */
  readonly colors: number[]
}

/** Each triangle becomes four, flat as before. */
export function subdivide({ points, triangles }: Shape): Shape {
  const [all, cut] = [points.slice(), [] as number[]]
  const middles = new Map<number, number>()
  const middle = (a: number, b: number): number => {
    const key = Math.min(a, b) * points.length + Math.max(a, b)
    const known = middles.get(key)
    if (known !== undefined) return known
    const index = all.length / 3
    for (let k = 0; k < 3; k++) all.push((points[3 * a + k]! + points[3 * b + k]!) / 2)
    middles.set(key, index)
    return index
  }
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t]!, triangles[t + 1]!, triangles[t + 2]!]
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)]
    cut.push(a, ab, ca, b, bc, ab, c, ca, bc, ab, bc, ca)
  }
  return { points: all, triangles: cut }
}

/** Of one colour; only triangles whose corners are all in `where`. */
export function ellipsoid(
  centre: Triple,
  radii: Triple,
  color: readonly number[],
  where: (point: Triple) => boolean = () => true,
): Solid {
  const at = (u: number, v: number): Triple => {
    const [longitude, latitude] = [2 * Math.PI * u, Math.PI * (v - 0.5)]
    const unit = [
      Math.cos(latitude) * Math.sin(longitude),
      Math.sin(latitude),
      Math.cos(latitude) * Math.cos(longitude),
    ] as const
    return [0, 1, 2].map((k) => centre[k]! + radii[k]! * unit[k]!) as unknown as Triple
  }
  return sheet(at, color, where)
}

/** A round tube between two points, open at its ends. */
export function tube(from: Triple, to: Triple, radius: number, color: readonly number[]): Solid {
  const at = (u: number, v: number): Triple => {
    const angle = 2 * Math.PI * u
    const along = [0, 1, 2].map((k) => to[k]! + v * (from[k]! - to[k]!))
    return [along[0]! + radius * Math.sin(angle), along[1]!, along[2]! + radius * Math.cos(angle)]
  }
  return sheet(at, color, () => true)
}

export function join(solids: readonly Solid[]): Solid {
  const whole: Solid = { points: [], triangles: [], colors: [] }
  for (const { points, triangles, colors } of solids) {
    const first = whole.points.length / 3
    for (const index of triangles) whole.triangles.push(index + first)
    for (const value of points) whole.points.push(value)
    for (const value of colors) whole.colors.push(value)
  }
  return whole
}

const STEPS = 64

/** `at` over the unit square; u goes round to the right as seen from outside, v upwards. */
function sheet(
  at: (u: number, v: number) => Triple,
  color: readonly number[],
  where: (point: Triple) => boolean,
): Solid {
  const solid: Solid = { points: [], triangles: [], colors: [] }
  const inside: boolean[] = []
  for (let row = 0; row <= STEPS; row++)
    for (let column = 0; column <= STEPS; column++) {
      const point = at(column / STEPS, row / STEPS)
      inside.push(where(point))
      solid.points.push(...point)
      solid.colors.push(...color)
    }
  for (let row = 0; row < STEPS; row++)
    for (let column = 0; column < STEPS; column++) {
      const a = row * (STEPS + 1) + column
      const [b, c, d] = [a + 1, a + STEPS + 1, a + STEPS + 2]
      for (const corners of [
        [a, c, b],
        [b, c, d],
      ])
        if (corners.every((corner) => inside[corner])) solid.triangles.push(...corners)
    }
  return solid
}
