/** Triangles that show their other side: turning an axis over mirrors a mesh, the reversed order turns its outside out again. */
export function reversed(triangles: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(triangles)
  for (let i = 0; i < out.length; i += 3) [out[i], out[i + 2]] = [out[i + 2]!, out[i]!]
  return out
}
