import type { MorphableModel } from './model.ts'

const COLUMNS = 41
const ROWS = 41

/**
 * A dome of our own for tests: a grid bulging towards the viewer, mirror-symmetric in u, with a chart, codes and landmarks;
 * `vertices` is how it stands in a picture, centred on (cx, cy), turned by `yaw`.
 */
export function toyFace({
  cx = 60,
  cy = 50,
  radius = 40,
  yaw = 0,
}: {
  cx?: number
  cy?: number
  radius?: number
  yaw?: number
} = {}): {
  model: MorphableModel
  vertices: Float32Array
} {
  const n = COLUMNS * ROWS
  const [mean, uv, ncc, vertices] = [
    new Float32Array(3 * n),
    new Float32Array(2 * n),
    new Float32Array(3 * n),
    new Float32Array(3 * n),
  ]
  const triangles: number[] = []
  for (let r = 0; r < ROWS; r++)
    for (let c = 0; c < COLUMNS; c++) {
      const i = r * COLUMNS + c
      const [u, v] = [c / (COLUMNS - 1), r / (ROWS - 1)]
      const [x, y] = [2 * u - 1, 1 - 2 * v]
      const z = Math.cos((x * Math.PI) / 2) * Math.cos((y * Math.PI) / 2)
      mean.set([x, y, z], 3 * i)
      uv.set([0.05 + 0.9 * u, 0.05 + 0.9 * v], 2 * i)
      ncc.set([u, 1 - v, z], 3 * i)
      vertices.set(
        [
          cx + radius * (x * Math.cos(yaw) + z * Math.sin(yaw)),
          cy - radius * y,
          radius * (z * Math.cos(yaw) - x * Math.sin(yaw)) + 2 * radius,
        ],
        3 * i,
      )
      if (r + 1 < ROWS && c + 1 < COLUMNS) triangles.push(i, i + 1, i + COLUMNS, i + 1, i + COLUMNS + 1, i + COLUMNS)
    }
  const landmarks = Uint32Array.from({ length: 68 }, (_, i) => (i * 23) % n)
  const model = {
    id: 'toy',
    vertexCount: n,
    shapeCount: 1,
    expressionCount: 1,
    mean,
    basis: new Float32Array(6 * n),
    triangles: Uint32Array.from(triangles),
    landmarks,
    uv,
    ncc,
  }
  return { model, vertices }
}

/**
 * The same face without the cells between rows 20 and 21, columns 15 to 25: with inner lips on the rim of that gap, the nose above, the
 * chin below and cheeks beside it. `open` gives its vertices with the lower lip and all below it lowered by so many pixels.
 */
export function withMouth({ model, vertices }: ReturnType<typeof toyFace>): ReturnType<typeof toyFace> & {
  open(dy: number): Float32Array
} {
  const triangles: number[] = []
  for (let t = 0; t < model.triangles.length; t += 3) {
    const corners = [...model.triangles.subarray(t, t + 3)]
    const [row, column] = [
      Math.floor(Math.min(...corners) / COLUMNS),
      Math.min(...corners.map((vertex) => vertex % COLUMNS)),
    ]
    if (row !== 20 || column < 15 || column > 25) triangles.push(...corners)
  }
  const landmarks = model.landmarks.slice()
  const place = (first: number, row: number, ...columns: number[]): void =>
    landmarks.set(
      columns.map((column) => row * COLUMNS + column),
      first,
    )
  place(33, 13, 20)
  place(8, 33, 20)
  place(3, 20, 2)
  place(13, 20, 38)
  place(60, 20, 15, 17, 20, 23, 26)
  place(65, 21, 23, 20, 17)
  return {
    model: { ...model, triangles: Uint32Array.from(triangles), landmarks },
    vertices,
    open: (dy) => vertices.map((value, i) => (i % 3 === 1 && i / 3 >= 21 * COLUMNS ? value + dy : value)),
  }
}

/** The toy with iBUG points where a face has them: eyes, brows, nose, mouth and jaw in shares of the grid; and a mask's value at such a place. */
export function toyWithFeatures(): {
  mesh: MorphableModel
  value: (mask: { size: number; data: Float32Array }, x: number, y: number) => number
} {
  const { model } = toyFace()
  const point = (x: number, y: number): number => Math.round(y * (ROWS - 1)) * COLUMNS + Math.round(x * (COLUMNS - 1))
  const ring = (cx: number, cy: number, rx: number, ry: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => {
      const angle = Math.PI - (2 * Math.PI * i) / count
      return point(cx + rx * Math.cos(angle), cy - ry * Math.sin(angle))
    })
  const landmarks = Uint32Array.from([
    ...Array.from({ length: 17 }, (_, i) =>
      point(0.5 - 0.45 * Math.cos((Math.PI * i) / 16), 0.4 + 0.55 * Math.sin((Math.PI * i) / 16)),
    ),
    ...Array.from({ length: 10 }, (_, i) => point(0.15 + (0.7 * i) / 9, 0.25)),
    ...[0.35, 0.42, 0.5, 0.55].map((y) => point(0.5, y)),
    ...[0.4, 0.45, 0.5, 0.55, 0.6].map((x) => point(x, 0.6)),
    ...ring(0.3, 0.38, 0.1, 0.05, 6),
    ...ring(0.7, 0.38, 0.1, 0.05, 6),
    ...ring(0.5, 0.78, 0.15, 0.06, 12),
    ...ring(0.5, 0.78, 0.1, 0.03, 8),
  ])
  const mesh = { ...model, landmarks }
  const value = (mask: { size: number; data: Float32Array }, x: number, y: number) =>
    mask.data[Math.floor((0.05 + 0.9 * y) * mask.size) * mask.size + Math.floor((0.05 + 0.9 * x) * mask.size)]!
  return { mesh, value }
}
