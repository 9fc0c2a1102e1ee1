/**
 * The vertices around each opening of a mesh, in order; the outline of an open mesh is one of them. Where two openings meet in a vertex, what
 * is there is left out.
 */
export function boundaryLoops(triangles: Uint32Array): number[][] {
  const next = new Map<number, number | undefined>()
  for (const [a, b] of boundaryEdges(triangles)) next.set(a, next.has(a) ? undefined : b)
  const loops: number[][] = []
  const seen = new Set<number>()
  for (const start of next.keys()) {
    if (seen.has(start)) continue
    const loop: number[] = []
    let vertex: number | undefined = start
    while (vertex !== undefined && !seen.has(vertex)) {
      seen.add(vertex)
      loop.push(vertex)
      vertex = next.get(vertex)
    }
    if (vertex === start) loops.push(loop)
  }
  return loops
}

/** Edges of one triangle alone, as that has them. */
function boundaryEdges(triangles: Uint32Array): Iterable<readonly [number, number]> {
  const edges = new Map<number, readonly [number, number]>()
  const count = triangles.reduce((most, vertex) => Math.max(most, vertex), 0) + 1
  for (let i = 0; i < triangles.length; i++) {
    const [a, b] = [triangles[i]!, triangles[i % 3 === 2 ? i - 2 : i + 1]!]
    if (!edges.delete(b * count + a)) edges.set(a * count + b, [a, b])
  }
  return edges.values()
}
