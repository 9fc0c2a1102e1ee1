// Draws public/sample.png, the picture behind the page's Sample button: faces of the mean shape with painted features, no
// photograph. pnpm exec tsx packages/web-demo/scripts/sample.mts
import { fileURLToPath } from 'node:url'
import {
  createImage,
  createRenderTarget,
  type ImageView,
  LIGHT_DEFAULTS,
  type MorphableModel,
  ReferenceBackend,
  rotationFromAngles,
} from '@3ddfa/core'
import { loadMorphableModel, openModelStore } from '@3ddfa/models/node'
import sharp from 'sharp'

const [WIDTH, HEIGHT] = [960, 640]
const DEGREES = Math.PI / 180

/** Of one face: place in pixels, pixels a millimetre, angles in degrees. */
const FACES = [
  { x: 300, y: 330, scale: 2.1, yaw: 12, pitch: -3, roll: 4, skin: [0.86, 0.66, 0.55] },
  { x: 680, y: 310, scale: 1.85, yaw: -24, pitch: 4, roll: -8, skin: [0.55, 0.38, 0.29] },
] as const

const model = await loadMorphableModel(openModelStore())
const backend = new ReferenceBackend()
const image = createImage(WIDTH, HEIGHT)
for (let y = 0; y < HEIGHT; y++)
  for (let x = 0; x < WIDTH; x++) image.data.set([96 + y / 10, 116 + y / 12, 128 + y / 14], 3 * (y * WIDTH + x))
for (const face of FACES) draw(face, image)
const file = fileURLToPath(new URL('../public/sample.png', import.meta.url))
await sharp(image.data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
  .blur(0.8)
  .png({ palette: true, colours: 128 })
  .toFile(file)

function draw({ x, y, scale, yaw, pitch, roll, skin }: (typeof FACES)[number], canvas: ImageView): void {
  const vertices = place(model, x, y, scale, { yaw: yaw * DEGREES, pitch: pitch * DEGREES, roll: roll * DEGREES })
  const mesh = { vertices, triangles: model.triangles }
  const target = createRenderTarget(canvas, [vertices])
  backend.rasterize(mesh, target)
  const lit = backend.light(mesh, backend.vertexNormals(mesh), { ...LIGHT_DEFAULTS, ambient: 0.45, directional: 0.6 })
  const paint = features(model, skin)
  backend.shade(
    mesh,
    lit.map((light, i) => Math.min(1, light * paint[i]!)),
    target,
    canvas,
    1,
  )
}

function place(
  { mean }: MorphableModel,
  x: number,
  y: number,
  scale: number,
  angles: Parameters<typeof rotationFromAngles>[0],
): Float32Array {
  const r = rotationFromAngles(angles)
  const k = scale / 1000
  const out = new Float32Array(mean.length)
  for (let i = 0; i < out.length; i += 3) {
    const [a, b, c] = [mean[i]!, mean[i + 1]!, mean[i + 2]!]
    out[i] = x + k * (r[0] * a + r[1] * b + r[2] * c)
    out[i + 1] = y - k * (r[3] * a + r[4] * b + r[5] * c)
    out[i + 2] = k * (r[6] * a + r[7] * b + r[8] * c)
  }
  return out
}

/** [3n] RGB: brows, eyes and lips where the landmarks are. */
function features({ mean, landmarks }: MorphableModel, skin: readonly [number, number, number]): Float32Array {
  const point = (i: number): readonly [number, number] => [mean[3 * landmarks[i]!]!, mean[3 * landmarks[i]! + 1]!]
  const chain = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => point(from + i))
  const eyes = [chain(36, 41), chain(42, 47)]
  const brows = [chain(17, 21), chain(22, 26)]
  const lips = chain(48, 59)
  const out = new Float32Array(mean.length)
  for (let i = 0; i < out.length; i += 3) {
    const at = [mean[i]!, mean[i + 1]!] as const
    let color: readonly number[] = skin
    if (inside(at, lips)) color = [0.72, 0.3, 0.3]
    if (brows.some((brow) => distance(at, brow) < 3200)) color = [0.16, 0.1, 0.07]
    for (const eye of eyes) {
      if (distance(at, [...eye, eye[0]!]) < 1100) color = [0.2, 0.13, 0.11]
      if (!inside(at, eye)) continue
      const middle = [0, 1].map((k) => eye.reduce((sum, p) => sum + p[k]!, 0) / eye.length)
      const far = Math.hypot(at[0] - middle[0]!, at[1] - middle[1]!)
      color = far < 2500 ? [0.05, 0.05, 0.06] : far < 5200 ? [0.25, 0.2, 0.15] : [0.95, 0.95, 0.95]
    }
    out.set(color, i)
  }
  return out
}

type Point = readonly [number, number]

function inside([x, y]: Point, polygon: readonly Point[]): boolean {
  let odd = false
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length]!
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd
  })
  return odd
}

/** From a chain of lines. */
function distance([x, y]: Point, chain: readonly Point[]): number {
  let least = Infinity
  for (let i = 0; i + 1 < chain.length; i++) {
    const [[ax, ay], [bx, by]] = [chain[i]!, chain[i + 1]!]
    const [dx, dy] = [bx - ax, by - ay]
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy))
  }
  return least
}
