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
  for (let i = 0; i < shape.length; i++) if (shape[i]) distance[i] = Infinity
  const rim = beyond === 'inside' ? Infinity : 0
  // Once from the top left, once from the bottom right.
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) relax(distance, width, height, x, y, -1, rim)
  for (let y = height - 1; y >= 0; y--)
    for (let x = width - 1; x >= 0; x--) relax(distance, width, height, x, y, 1, rim)
  return distance
}

/** Shortens a pixel's distance by way of the four neighbours before it (`side` -1) or behind it (1) in reading order. */
function relax(
  distance: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  side: -1 | 1,
  rim: number,
): void {
  const i = y * width + x
  let least = distance[i]!
  if (least === 0) return
  const row = y + side >= 0 && y + side < height
  const left = x > 0
  const right = x + 1 < width
  const above = i + side * width
  least = Math.min(least, 1 + (row ? distance[above]! : rim))
  least = Math.min(least, Math.SQRT2 + (row && left ? distance[above - 1]! : rim))
  least = Math.min(least, Math.SQRT2 + (row && right ? distance[above + 1]! : rim))
  distance[i] = Math.min(least, 1 + ((side < 0 ? left : right) ? distance[i + side]! : rim))
}
