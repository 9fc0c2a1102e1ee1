/** The means of squares of 2 * radius + 1 numbers a side; beyond its border a grid goes on as it is there. */
export function boxMeans(
  values: Float32Array,
  width: number,
  height: number,
  radius: number,
): Float32Array<ArrayBuffer> {
  return meansAlong(meansAlong(values, width, height, 1, width, radius), height, width, width, 1, radius)
}

/** The means of 2 * radius + 1 numbers along each of `lines` lines of `count` numbers; a line goes on beyond its ends as it is there. */
function meansAlong(
  values: Float32Array,
  count: number,
  lines: number,
  step: number,
  nextLine: number,
  radius: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length)
  for (let line = 0; line < lines; line++) {
    const at = (i: number): number => line * nextLine + Math.max(0, Math.min(count - 1, i)) * step
    let sum = 0
    for (let i = -radius; i < radius; i++) sum += values[at(i)]!
    for (let i = 0; i < count; i++) {
      sum += values[at(i + radius)]!
      out[at(i)] = sum / (2 * radius + 1)
      sum -= values[at(i - radius)]!
    }
  }
  return out
}
