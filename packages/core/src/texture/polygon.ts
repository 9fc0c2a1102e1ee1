export type Point = readonly [number, number]

/** Distance of a point to a polygon's outline: positive inside (even-odd rule), negative outside. */
export function distanceToPolygon(polygon: readonly Point[], [x, y]: Point): number {
  let distance = Infinity
  let inside = false
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i]!
    const [bx, by] = polygon[j]!
    const [dx, dy] = [bx - ax, by - ay]
    const length2 = dx * dx + dy * dy
    const t = length2 > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length2)) : 0
    distance = Math.min(distance, (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2)
    if (ay > y !== by > y && x < (dx * (y - ay)) / dy + ax) inside = !inside
  }
  return inside ? Math.sqrt(distance) : -Math.sqrt(distance)
}
