// Milliseconds of what is made of one aligned face, one thread:
//   pnpm --filter @3ddfa/benchmarks mesh-features PHOTO
import {
  canonicalVertices,
  copyImage,
  createUvChart,
  DRAWING_STYLES,
  drawLandmarks,
  drawPoints,
  drawPose,
  frontalVertices,
  matchColors,
  paintTexture,
  poseFromVertices,
  positionMapOfGrid,
  regionMask,
  renderDepth,
  renderFrontalView,
  renderShaded,
  seenTexels,
  UvResampler,
  uvTexture,
  vertexColors,
  vertexVisibility,
  warpFace,
  withExpression,
} from '@3ddfa/core'
import { loadUvTopology, openModelStore } from '@3ddfa/models/node'
import { openAligner } from './compose.ts'
import { readImage, typedPath } from './data.ts'
import { measure, type Timing } from './measure.ts'

const [photo] = process.argv.slice(2)
if (photo === undefined) throw new Error('Expected the path of a photograph.')
const image = await readImage(typedPath(photo))
const aligner = await openAligner()
const { backend, model } = aligner
const [face] = await aligner.align(image, { dense: true })
if (!face) throw new Error(`There is no face in ${photo}.`)
const vertices = face.vertices!
const mesh = { vertices, triangles: model.triangles }
const canonical = canonicalVertices(model)
const { topology, correspondence } = await loadUvTopology(openModelStore({ onWarning: () => {} }))
const resampler = new UvResampler(topology, correspondence)
const onGrid = resampler.resample(vertices)
const charts = Object.fromEntries([256, 512, 1024].map((size) => [size, createUvChart(model, size, backend)]))
const texture = uvTexture(image, vertices, model, backend, { chart: charts[512]!, hidden: 'mirror' })
const mask = regionMask(model, 'face')
const seen = seenTexels(image, vertices, model, backend, { chart: charts[512]! })
const turned = frontalVertices(vertices, canonical)
const { roi, params } = face
const split = 12 + model.shapeCount
const louder = withExpression(
  model,
  params,
  Array.from(params.subarray(split), (value, k) => value + (k === 0 ? 2 : 0)),
)
const expressed = aligner.vertices({ params: louder, roi })
const paper = copyImage(image)

const features: Record<string, () => unknown> = {
  'vertex visibility': () => vertexVisibility(mesh, image, backend),
  'vertex colours': () => vertexColors(image, vertices),
  'pose from vertices, similarity': () => poseFromVertices(vertices, canonical),
  'pose from vertices, similarity, robust': () => poseFromVertices(vertices, canonical, { robust: true }),
  'pose from vertices, affine': () => poseFromVertices(vertices, canonical, { fit: 'affine' }),
  'frontal mesh': () => frontalVertices(vertices, canonical),
  '43,867 UV vertices': () => resampler.resample(vertices),
  'position map 256, of these': () => positionMapOfGrid(topology, onGrid),
  'UV chart 512, once a model': () => createUvChart(model, 512, backend),
  ...Object.fromEntries(
    [256, 512, 1024].flatMap((size) =>
      (['keep', 'cut', 'fill', 'mirror'] as const).map((hidden) => [
        `texture ${size}, hidden texels: ${hidden}`,
        () => uvTexture(image, vertices, model, backend, { chart: charts[size]!, hidden }),
      ]),
    ),
  ),
  'face seen front-on, 512': () => renderFrontalView(turned, model, texture, backend),
  'region mask 256, once a model': () => regionMask(model, 'face'),
  'colours matched, 512': () => matchColors(texture, texture, seen),
  'skin painted, gradients joined': () => paintTexture(image, vertices, model, texture, backend, { mask }),
  'skin painted, feathered': () => paintTexture(image, vertices, model, texture, backend, { mask, blend: 'feather' }),
  'vertices with another expression': () => aligner.vertices({ params: louder, roi }, expressed),
  'photograph with another expression': () => warpFace(image, vertices, expressed, model, backend),
  'depth image': () => renderDepth(paper, [face], model, backend),
  ...Object.fromEntries(
    Object.entries(DRAWING_STYLES).flatMap(([name, style]) => [
      [`${name}: sparse`, () => drawLandmarks(paper, face.landmarks, style.landmarks)],
      [`${name}: dense`, () => drawPoints(paper, vertices, style.points)],
      [`${name}: pose, box and axes`, () => drawPose(paper, face, 'both', style.poseBox)],
      [`${name}: mesh`, () => renderShaded(paper, [face], model, backend, style.mesh)],
    ]),
  ),
}

const line = (name: string, { min, median }: Timing): string => `| ${name} | ${min.toFixed(2)} | ${median.toFixed(2)} |`
console.log(
  `${image.width} x ${image.height}, backend ${backend.id}\n\n| feature | best, ms | median, ms |\n| --- | --- | --- |`,
)
for (const [name, body] of Object.entries(features))
  console.log(line(name, await measure(body, { warmup: 2, budget: 300 })))
await aligner.dispose()
