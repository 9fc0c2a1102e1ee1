export type Point = readonly [number, number]

/** Distance of a point to a polygon's outline: positive inside (even-odd rule), negative outside. */
export function distanceToPolygon(polygon: readonly Point[], [x, y]: Point): number {
  let distance = Infinity
  let inside = false
  let b = polygon.at(-1)!
  for (const a of polygon) {
    const dx = b[0] - a[0]
    const dy = b[1] - a[1]
    const length2 = dx * dx + dy * dy
    const t = length2 > 0 ? Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / length2)) : 0
    const ox = x - a[0] - t * dx
    const oy = y - a[1] - t * dy
    distance = Math.min(distance, ox * ox + oy * oy)
    if (a[1] > y !== b[1] > y && x < (dx * (y - a[1])) / dy + a[0]) inside = !inside
    b = a
  }
  return inside ? Math.sqrt(distance) : -Math.sqrt(distance)
}
