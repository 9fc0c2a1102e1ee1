/**
 * [width * height] distance in pixels from each pixel of a shape to the nearest one outside it (0 outside). Chamfer
 * steps 1 and sqrt(2): at most 8 % too long.
 * @param beyond what lies beyond the window; outside unless given
 */
export function distanceToEdge(
  shape: Uint8Array,
  width: number,
  height: number,
  beyond: 'inside' | 'outside' = 'outside',
): Float32Array {
  const distance = new Float32Array(shape.length)
  const rim = beyond === 'inside' ? Infinity : 0
  const relax = (i: number, x: number, y: number, dx: number, dy: number): void => {
    const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height
    const step = dx !== 0 && dy !== 0 ? Math.SQRT2 : 1
    const other = (inside ? distance[i + dy * width + dx]! : rim) + step
    if (other < distance[i]!) distance[i] = other
  }
  // Once from the top left, once from the bottom right.
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      distance[i] = shape[i] ? Infinity : 0
      for (const [dx, dy] of BEFORE) relax(i, x, y, dx, dy)
    }
  for (let y = height - 1; y >= 0; y--)
    for (let x = width - 1; x >= 0; x--) for (const [dx, dy] of BEFORE) relax(y * width + x, x, y, -dx, -dy)
  return distance
}

const BEFORE = [
  [-1, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
] as const
