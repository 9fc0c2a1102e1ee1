import { type Scene, scene } from './scene.ts'
import { seeded } from './seeded.ts'

type Point = readonly [number, number, number]

/** Small scenes, each around one way for a rasteriser to be wrong. */
export function edgeScenes(): Scene[] {
  return [
    jitteredGrid('shared edges', 1 / 64),
    jitteredGrid('shared edges through pixel centres', 1),
    jitteredGrid('shared edges through subpixels', 1 / 16),
    fan(),
    slivers(),
    degenerate(),
    equalDepth(),
    crossingPlanes(),
    offScreen(),
    hugeCoordinates(),
    notFinite(),
    depthExtremes(),
  ]
}

/** A triangulated sheet whose inner vertices lie on multiples of `step` pixels; diagonals and windings alternate. */
function jitteredGrid(name: string, step: number): Scene {
  const { between, below } = seeded(Math.round(step * 64))
  const [columns, rows] = [10, 8]
  const points = Array.from({ length: columns * rows }, (_, i): Point => {
    const at = (cell: number): number => Math.round((cell * 6.5 + between(-2, 2)) / step) * step
    return [at(i % columns), at(Math.floor(i / columns)), between(0, 20)]
  })
  const triangles: number[] = []
  for (let j = 0; j + 1 < rows; j++)
    for (let i = 0; i + 1 < columns; i++) {
      const [a, b, c, d] = [0, 1, columns + 1, columns].map((k) => j * columns + i + k) as [
        number,
        number,
        number,
        number,
      ]
      const pair = below(2) ? [a, b, c, a, c, d] : [a, b, d, b, c, d]
      triangles.push(...(below(2) ? pair : pair.reverse()))
    }
  return scene(name, points, triangles)
}

/** Twelve triangles that meet in a pixel's centre: exactly one of them owns it. */
function fan(): Scene {
  const rim = Array.from({ length: 12 }, (_, i): Point => {
    const angle = (i * Math.PI) / 6
    return [32 + 20 * Math.cos(angle), 24 + 20 * Math.sin(angle), i]
  })
  const triangles = rim.flatMap((_, i) => [0, i + 1, ((i + 1) % 12) + 1])
  return scene('a fan around a pixel centre', [[32, 24, 5], ...rim], triangles)
}

function slivers(): Scene {
  const { between } = seeded(3)
  const points = Array.from({ length: 200 }, (): Point[] => {
    const [x, y] = [between(-10, 70), between(-10, 60)]
    const [u, v] = [between(-60, 60), between(-60, 60)]
    const thin = between(0, 0.3)
    return [
      [x, y, between(0, 9)],
      [x + u, y + v, between(0, 9)],
      [x + u / 2 + thin, y + v / 2 - thin, between(0, 9)],
    ]
  })
  return scene('slivers', points.flat())
}

function degenerate(): Scene {
  const points: Point[] = [
    [5, 5, 1],
    [40, 30, 2],
    [40, 30, 3],
    [12, 40, 4],
    [22.5, 17.5, 5],
    // Apart by less than a subpixel: no area once snapped.
    [5.01, 5.01, 6],
  ]
  return scene('no area', points, [0, 0, 0, 0, 1, 1, 0, 1, 2, 0, 4, 1, 0, 5, 1, 0, 1, 3])
}

function equalDepth(): Scene {
  const square: Point[] = [
    [8, 8, 7],
    [50, 8, 7],
    [50, 40, 7],
    [8, 40, 7],
  ]
  return scene('equal depth', square, [1, 2, 3, 0, 1, 2, 0, 2, 3, 0, 1, 2, 3, 0, 1])
}

function crossingPlanes(): Scene {
  return scene('planes that cross', [
    [2, 2, 0],
    [60, 4, 30],
    [30, 46, 15],
    [60, 44, 0],
    [4, 40, 30],
    [34, 1, 15],
  ])
}

function offScreen(): Scene {
  return scene('partly and wholly off the picture', [
    [-30, -30, 1],
    [20, 10, 2],
    [-10, 40, 3],
    [100, 10, 1],
    [140, 20, 2],
    [120, 60, 3],
    [-500, 20, 4],
    [600, -300, 4],
    [600, 330, 4],
    [63, 47, 9],
    [64, 47, 9],
    [63, 48, 9],
  ])
}

/** Edge values that need more than 32 bits, up to the limit of 2^20 pixels and beyond it. */
function hugeCoordinates(): Scene {
  const limit = 2 ** 20
  return scene('huge coordinates', [
    [-limit, -limit, 1],
    [limit, -limit + 16, 2],
    [3, limit, 3],
    [-1000, -900, 2],
    [1200, 30, 2.5],
    [-40, 1100, 2.75],
    [-limit - 1, 0, 9],
    [limit, 3, 9],
    [0, 40, 9],
    [-3e38, 0, 9],
    [3e38, 3, 9],
    [0, 40, 9],
  ])
}

/** Two sound triangles, and broken ones that share vertices with the first only: the second must look as if alone. */
function notFinite(): Scene {
  const bad: Point[] = [NaN, Infinity, -Infinity].flatMap((value): Point[] => [
    [value, 5, 1],
    [5, value, 1],
    [5, 5, value],
  ])
  const sound: Point[] = [
    [4, 4, 1],
    [60, 6, 2],
    [20, 44, 3],
    [30, 10, 4],
    [62, 30, 14],
    [25, 40, 6],
  ]
  const broken = bad.flatMap((_, i) => [0, 1, i + 6, i + 6, 2, 1])
  return scene('not finite', [...sound, ...bad], [...broken, 0, 1, 2, 3, 4, 5])
}

function depthExtremes(): Scene {
  return scene('depth that overflows, vanishes and has no sign', [
    [2, 2, 3e38],
    [60, 4, -3e38],
    [30, 46, 3e38],
    [5, 3, 1e-45],
    [50, 4, -1e-45],
    [30, 40, 1e-40],
    [10, 2, -0],
    [50, 20, -0],
    [20, 40, -0],
    [10, 2, 0],
    [50, 20, 0],
    [20, 40, 0],
  ])
}
