import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { drawFaces } from './draw/draw-faces.ts'
import { paintTexture } from './edit/paint-texture.ts'
import { InvalidInputError } from './errors.ts'
import type { Face } from './face-aligner.ts'
import { canonicalVertices } from './fit/vertex-pose.ts'
import { copyImage, createImage } from './image.ts'
import { writePly } from './mesh/ply.ts'
import { poseFromParams } from './pose.ts'
import { ReferenceBackend } from './reference/reference-backend.ts'
import { SessionParamRegressor } from './regressor.ts'
import { renderFrontalView } from './render/frontal-view.ts'
import { depthMap, rasterizeFaces, renderDepth, renderPncc, renderShaded } from './render/render-faces.ts'
import { createRenderTarget } from './render/render-target.ts'
import { regionMask } from './texture/region-mask.ts'
import { uvTexture } from './texture/uv-texture.ts'
import { vertexVisibility } from './texture/vertex-visibility.ts'
import { toyFace } from './toy-face.ts'

const backend = new ReferenceBackend()
const { model, vertices } = toyFace({ yaw: 0.5 })
const photo = createImage(120, 100)
photo.data.fill(90)
const texture = uvTexture(photo, vertices, model, backend, { size: 32 })
const landmarks = Float32Array.from(
  { length: 204 },
  (_, i) => vertices[3 * model.landmarks[Math.floor(i / 3)]! + (i % 3)]!,
)
const camera = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
const face: Face = {
  params: camera,
  landmarks,
  vertices,
  roi: { x1: 0, y1: 0, x2: 120, y2: 120 },
  pose: poseFromParams({ camera }),
}
const canonical = canonicalVertices(model)
const wrong = 'nope' as never
const draw = (drawing: Parameters<typeof drawFaces>[2], options?: Parameters<typeof drawFaces>[4]) =>
  drawFaces(createImage(120, 100), [face], drawing, { model, backend }, options)

describe('a choice that there is not', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['drawing', () => draw('3d' as never), /one of sparse, dense, .* for drawing but received "3d"/],
    ['no drawing', () => draw(undefined as never), /for drawing but received undefined/],
    ['style', () => draw('mesh', { style: wrong }), /one of 3ddfa, dense-head for style/],
    ['pose', () => draw('pose', { poseAs: wrong }), /one of box, axes, both/],
    ['pose convention', () => poseFromParams({ camera }, wrong), /for poseConvention/],
    [
      'hidden texels',
      () => uvTexture(photo, vertices, model, backend, { hidden: wrong }),
      /keep, mirror, fill, cut for hidden/,
    ],
    ['padding', () => uvTexture(photo, vertices, model, backend, { padding: -1 }), /for padding/],
    [
      'blend',
      () => paintTexture(photo, vertices, model, texture, backend, { blend: wrong }),
      /gradient, feather, none for blend/,
    ],
    [
      'mask',
      () => paintTexture(photo, vertices, model, texture, backend, { mask: { size: 64, data: camera } }),
      /mask.data/,
    ],
    ['.ply', () => writePly([{ vertices, triangles: model.triangles }], { height: 9, format: wrong }), /for format/],
    ['region', () => regionMask(model, wrong), /for region/],
  ])('is refused: %s', (_, call, message) => {
    expect(call).toThrow(message)
  })
})

describe('what is missing, or something else', () => {
  const nothing = null as never
  it.each<[string, () => unknown, RegExp]>([
    ['drawFaces, mesh', () => drawFaces(nothing, [face], 'mesh', { model, backend }), /a picture .* for image/],
    ['drawFaces, sparse', () => drawFaces(nothing, [], 'sparse', { model, backend }), /a picture .* for image/],
    [
      'drawFaces, faces',
      () => drawFaces(photo, nothing, 'sparse', { model, backend }),
      /a list of faces for faces but/,
    ],
    [
      'drawFaces, one face',
      () => drawFaces(photo, face as never, 'mesh', { model, backend }),
      /a list of faces for faces/,
    ],
    [
      'drawFaces, aligner',
      () => drawFaces(photo, [face], 'mesh', nothing),
      /an aligner, .* for aligner but received null/,
    ],
    ['renderShaded', () => renderShaded(nothing, [face], model, backend), /a picture .* for image/],
    ['renderShaded, faces', () => renderShaded(photo, nothing, model, backend), /a list of faces for faces/],
    ['renderDepth', () => renderDepth(nothing, [face], model, backend), /a picture .* for image/],
    ['renderPncc', () => renderPncc(nothing, [face], model, backend), /a picture .* for image/],
    ['depthMap', () => depthMap(nothing, [face], model, backend), /a picture .* for picture/],
    ['rasterizeFaces', () => rasterizeFaces(nothing, [face], model, backend), /a picture .* for picture/],
    ['createRenderTarget', () => createRenderTarget(nothing, [vertices]), /a picture .* for picture/],
    ['vertexVisibility', () => vertexVisibility(face as never, nothing, backend), /a picture .* for picture/],
    ['copyImage', () => copyImage(nothing), /a picture .* for image/],
    ['opacity', () => draw('mesh', { opacity: true as never }), /a number in \[0, 1\] for opacity but received true/],
    ['opacity as text', () => draw('mesh', { opacity: '0.5' as never }), /for opacity but received "0.5"/],
    ['network', () => new SessionParamRegressor(nothing, 'own'), /a session, .* for session but received null/],
  ])('is refused: %s', (_, call, message) => {
    expect(call).toThrow(InvalidInputError)
    expect(call).toThrow(message)
  })
})

describe('an array that went to a worker', () => {
  const sent = <T extends Float32Array | Uint32Array>(array: T): T => {
    const copy = array.slice() as T
    structuredClone(copy, { transfer: [copy.buffer as ArrayBuffer] })
    return copy
  }
  const gone: Face = { ...face, vertices: sent(vertices), landmarks: sent(landmarks) }
  const drawGone = (drawing: Parameters<typeof drawFaces>[2]) =>
    drawFaces(createImage(120, 100), [gone], drawing, { model, backend })

  it.each<[string, () => unknown, RegExp]>([
    [
      'sparse',
      () => drawGone('sparse'),
      /for landmarks but received Float32Array\(0\), whose memory was transferred\.$/,
    ],
    [
      'dense',
      () => drawGone('dense'),
      /for face.vertices but received Float32Array\(0\), whose memory was transferred/,
    ],
    ['mesh', () => drawGone('mesh'), /for face.vertices but received .* transferred/],
    ['depth', () => drawGone('depth'), /for face.vertices but received .* transferred/],
    ['pose', () => drawGone('pose'), /for face.landmarks but received .* transferred/],
    [
      'vertices',
      () => backend.vertexNormals({ vertices: gone.vertices!, triangles: model.triangles }),
      /for mesh.vertices but received .* transferred/,
    ],
    [
      'triangles',
      () => backend.vertexNormals({ vertices, triangles: sent(model.triangles) }),
      /for mesh.triangles but received .* transferred/,
    ],
  ])('is refused: %s', (_, call, message) => {
    expect(call).toThrow(InvalidInputError)
    expect(call).toThrow(message)
  })
})

describe('an option that is undefined', () => {
  // As whoever hands options of their own on passes them.
  it.each<[string, (options: object) => unknown, object]>([
    [
      'uvTexture',
      (o) => uvTexture(photo, vertices, model, backend, o),
      { hidden: undefined, padding: undefined, size: undefined },
    ],
    [
      'renderFrontalView',
      (o) => renderFrontalView(canonical, model, texture, backend, o),
      { size: undefined, margin: undefined },
    ],
    ['regionMask', (o) => regionMask(model, 'eyes', o), { size: undefined, feather: undefined }],
    [
      'vertexVisibility',
      (o) => vertexVisibility({ vertices, triangles: model.triangles }, photo, backend, o),
      { margin: undefined },
    ],
  ])('is the default: %s', (_, call, options) => {
    expect(isDeepStrictEqual(call(options), call({}))).toBe(true)
  })
})
