import { createImage, createRenderTarget, type ImageView, ReferenceBackend } from '@3ddfa/core'

const MARGIN = 12

/** Draws an .obj with colours a vertex as it looks from the front, transparent around it. */
export function drawObj(text: string): ImageView {
  const rows = (key: string): number[][] =>
    [...text.matchAll(new RegExp(`^${key} (.+)$`, 'gm'))].map(([, row]) => row!.split(' ').map(Number.parseFloat))
  const points = rows('v')
  const [left, top] = [0, 1].map((axis) => Math.min(...points.map((row) => (axis === 0 ? row[0]! : -row[1]!))))
  const vertices = Float32Array.from(points.flatMap(([x, y, z]) => [x! - left! + MARGIN, -y! - top! + MARGIN, z!]))
  const colors = Float32Array.from(points.flatMap((row) => row.slice(3, 6)))
  const triangles = Uint32Array.from(rows('f').flat(), (index) => index - 1)
  const extent = (axis: number): number =>
    Math.ceil(vertices.reduce((most, value, i) => (i % 3 === axis ? Math.max(most, value) : most), 0)) + MARGIN
  const image = createImage(extent(0), extent(1), 4)
  const backend = new ReferenceBackend()
  const target = createRenderTarget(image, [vertices])
  backend.rasterize({ vertices, triangles }, target)
  backend.shade({ vertices, triangles }, colors, target, image)
  return image
}
