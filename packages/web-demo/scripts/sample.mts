// Draws public/sample.png, the picture behind the page's Sample button and of `npm run demo`: heads around our own face model
// with painted features, no photograph. Writes the 68 points of each face for tests.
//   pnpm exec tsx packages/web-demo/scripts/sample.mts
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createImage, createRenderTarget, type MorphableModel, ReferenceBackend, rotationFromAngles } from '@3ddfa/core'
import { readMorphableModel } from '@3ddfa/models'
import { facePath } from '@3ddfa/open-models/node'
import sharp from 'sharp'
import { type Colors, paintFace } from './sample/paint.mts'
import { ellipsoid, join, type Solid, subdivide, tube } from './sample/solids.mts'

const [WIDTH, HEIGHT] = [960, 640]
/** Drawn larger and scaled down: smooth edges. */
const FINE = 2
const DEGREES = Math.PI / 180

interface Person {
  /** Place of the nose's root in pixels, and pixels a millimetre. */
  readonly x: number
  readonly y: number
  readonly scale: number
  /** Degrees. */
  readonly yaw: number
  readonly pitch: number
  readonly roll: number
  readonly shape: readonly number[]
  readonly expression: Readonly<Record<string, number>>
  readonly colors: Colors
}

const PEOPLE: readonly Person[] = [
  {
    ...{ x: 290, y: 300, scale: 1.75, yaw: 14, pitch: 2, roll: 4 },
    shape: [0.8, -0.7, 0.5, 0.9, -0.4],
    expression: { mouthSmileLeft: 0.45, mouthSmileRight: 0.5 },
    colors: { skin: [0.84, 0.63, 0.53], hair: [0.24, 0.15, 0.09], iris: [0.25, 0.38, 0.45], shirt: [0.2, 0.3, 0.42] },
  },
  {
    ...{ x: 680, y: 285, scale: 1.6, yaw: -24, pitch: -3, roll: -6 },
    shape: [-0.9, 0.6, -0.8, -0.3, 0.7],
    expression: { browInnerUp: 0.4, mouthSmileRight: 0.25 },
    colors: { skin: [0.5, 0.34, 0.25], hair: [0.07, 0.05, 0.05], iris: [0.2, 0.12, 0.07], shirt: [0.55, 0.22, 0.2] },
  },
]

const model = readMorphableModel(await readFile(facePath))
const backend = new ReferenceBackend()
const image = createImage(WIDTH * FINE, HEIGHT * FINE)
for (let y = 0; y < image.height; y++)
  for (let x = 0; x < image.width; x++) {
    // A wall in the light of a window beside it.
    const light = 1.1 - 0.35 * (x / image.width) - 0.2 * (y / image.height)
    image.data.set([150 * light, 152 * light, 146 * light], 3 * (y * image.width + x))
  }
const points = PEOPLE.map(draw)
const raw = { width: image.width, height: image.height, channels: 3 } as const
await sharp(image.data, { raw })
  .resize(WIDTH, HEIGHT, { kernel: 'lanczos3' })
  .blur(0.6)
  .png({ palette: true, colours: 256, effort: 10 })
  .toFile(fileURLToPath(new URL('../public/sample.png', import.meta.url)))
await writeFile(
  new URL('../../../models/open/test/fixtures/sample-landmarks.json', import.meta.url),
  `[\n${points.map((face) => `  ${JSON.stringify(face)}`).join(',\n')}\n]\n`,
)

/** @returns the landmarks' places in the scaled picture, x y each. */
function draw(person: Person): number[][] {
  const solids = [paintedFace(person), ...surroundings(person.colors)]
  const { points, triangles, colors } = join(solids.map((solid) => place(solid, person)))
  const vertices = Float32Array.from(points)
  const mesh = { vertices, triangles: Uint32Array.from(triangles) }
  const target = createRenderTarget(image, [vertices])
  backend.rasterize(mesh, target)
  const light = { ambient: 0.5, directional: 0.5, specular: 0.06, position: [-0.5, -0.6, 1.6] } as const
  const lit = backend.light(mesh, backend.vertexNormals(mesh), light)
  backend.shade(
    mesh,
    lit.map((value, i) => Math.min(1, value * colors[i]!)),
    target,
    image,
    1,
  )
  // The face comes first, and its own vertices before those of finer triangles. A pixel's centre is where its number is.
  return Array.from(model.landmarks, (v) =>
    [points[3 * v]!, points[3 * v + 1]!].map((place) => Math.round(((place + 0.5) / FINE - 0.5) * 100) / 100),
  )
}

/** The face of a person's coefficients, fine enough for painted features. */
function paintedFace({ shape, expression, colors }: Person): Solid {
  const points = Float64Array.from(model.mean)
  const add = (component: number, weight: number): void => {
    for (let i = 0; i < points.length; i++) points[i]! += weight * model.basis[component * points.length + i]!
  }
  shape.forEach((weight, k) => {
    add(k, weight)
  })
  for (const [name, weight] of Object.entries(expression)) add(model.shapeCount + expressionIndex(model, name), weight)
  const landmarks = Array.from(model.landmarks, (v) => [points[3 * v]!, points[3 * v + 1]!] as const)
  const face = subdivide(subdivide({ points: Array.from(points), triangles: Array.from(model.triangles) }))
  return { ...face, colors: paintFace(face.points, landmarks, colors) }
}

function expressionIndex({ expressionNames = [] }: MorphableModel, name: string): number {
  const k = expressionNames.indexOf(name)
  if (k < 0) throw new Error(`The face model has no expression ${name}: ${expressionNames.join(', ')}`)
  return k
}

/** What the face model lacks: skull with hair, ears, neck, inside of the mouth, shoulders. Millimetres. */
function surroundings({ skin, hair, shirt }: Colors): Solid[] {
  const neck = skin.map((value) => value * 0.85)
  return [
    ellipsoid([0, 40, 8], [84, 104, 94], hair, ([, y, z]) => z < 42 || y > 98),
    ...[-1, 1].map((side) => ellipsoid([77 * side, 4, 8], [7, 31, 17], skin)),
    ellipsoid([0, -40, 72], [30, 16, 16], [0.22, 0.07, 0.07]),
    tube([0, -40, 14], [0, -175, -8], 50, neck),
    ellipsoid([0, -250, -10], [215, 115, 95], shirt),
  ]
}

/** Into the picture's pixels. */
function place({ points, ...solid }: Solid, { x, y, scale, ...angles }: Person): Solid {
  const { yaw, pitch, roll } = angles
  const r = rotationFromAngles({ yaw: yaw * DEGREES, pitch: pitch * DEGREES, roll: roll * DEGREES })
  const k = scale * FINE
  const placed = new Array<number>(points.length)
  for (let i = 0; i < points.length; i += 3) {
    const [a, b, c] = [points[i]!, points[i + 1]!, points[i + 2]!]
    placed[i] = x * FINE + k * (r[0] * a + r[1] * b + r[2] * c)
    placed[i + 1] = y * FINE - k * (r[3] * a + r[4] * b + r[5] * c)
    placed[i + 2] = k * (r[6] * a + r[7] * b + r[8] * c)
  }
  return { ...solid, points: placed }
}
