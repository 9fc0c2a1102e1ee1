import { describe, expect, it } from 'vitest'
import { pickBackend } from './backend.ts'
import { drawFaces } from './draw/draw-faces.ts'
import { drawLandmarks, drawPoints } from './draw/landmarks.ts'
import { drawPose, drawPoseAxes, drawPoseBox } from './draw/pose.ts'
import { InvalidInputError } from './errors.ts'
import type { Face } from './face-aligner.ts'
import { fitAffine } from './fit/fit-transform.ts'
import { invertTransform, transformPoints } from './fit/transform.ts'
import { canonicalVertices, frontalVertices, poseFromVertices } from './fit/vertex-pose.ts'
import { checkImage, createImage } from './image.ts'
import { toAlignResult, toJsonFace, toJsonImage } from './json/align-document.ts'
import { expressionTargets } from './mesh/morph-target.ts'
import { createMouthLining, liningVertices } from './mesh/mouth-lining.ts'
import { writeNpy } from './mesh/npy.ts'
import { writeObj } from './mesh/obj.ts'
import { writePly } from './mesh/ply.ts'
import { checkModel, namedExpression } from './model.ts'
import { openCvMatrix, poseFromParams, threeMatrix } from './pose.ts'
import { positionMapOfChart, positionMapOfGrid } from './position-map/make-position-map.ts'
import { pickLandmarks, samplePositionMap, verticesOfPositionMap } from './position-map/position-map.ts'
import { toyTopology } from './position-map/toy-topology.ts'
import { UvResampler } from './position-map/uv-resampler.ts'
import { checkUvTopology, uvMeshOf } from './position-map/uv-topology.ts'
import { PositionMapRegressor } from './position-map-regressor.ts'
import { prepareModel } from './prepare-model.ts'
import { ReferenceBackend } from './reference/reference-backend.ts'
import { SessionParamRegressor } from './regressor.ts'
import { renderFrontalView } from './render/frontal-view.ts'
import { depthMap, rasterizeFaces, renderDepth, renderPncc, renderShaded } from './render/render-faces.ts'
import { renderTextured } from './render/render-textured.ts'
import { roiFromLandmarks } from './roi.ts'
import { SparseDecoder } from './sparse-decoder.ts'
import { mouthColors } from './texture/mouth-colors.ts'
import { regionMask, unionMasks } from './texture/region-mask.ts'
import { textureColors, vertexColors } from './texture/sample.ts'
import { seenTexels } from './texture/seen-texels.ts'
import { skinMask } from './texture/skin-mask.ts'
import { createUvChart } from './texture/uv-chart.ts'
import { uvTexture } from './texture/uv-texture.ts'
import { landmarkVisibility, vertexVisibility } from './texture/vertex-visibility.ts'
import { toyFace, withMouth } from './toy-face.ts'
import { faceConfidence } from './tracking/confidence.ts'
import { FaceTracker } from './tracking/face-tracker.ts'

const backend = new ReferenceBackend()
const toy = withMouth(toyFace())
const { model } = toy
const vertices = toy.open(4)
const { triangles } = model
const photo = createImage(120, 100)
const chart = createUvChart(model, 32, backend)
const texture = uvTexture(photo, vertices, model, backend, { chart })
const seen = seenTexels(photo, vertices, model, backend, { chart })
const lining = createMouthLining(model, vertices)!
const camera = Float32Array.of(40, 0, 0, 60, 0, 40, 0, 70, 0, 0, 40, 1)
const params = Float32Array.of(...camera, 0, 0)
const frame = { roi: { x1: 0, y1: 0, x2: 120, y2: 120 }, inputSize: 120 }
const face: Face = {
  params,
  landmarks: pickLandmarks(model, vertices),
  roi: frame.roi,
  pose: poseFromParams({ camera }),
}
const canonical = canonicalVertices(model)
const { topology, correspondence } = toyTopology()
const mesh = { vertices, triangles }
const height = 100

// What `faces[0]` is where there is no face, `face.vertices` without `dense: true`, and whatever was not awaited or not given.
const nothing = undefined as never
const empty = {} as never
const promise = Promise.resolve() as never
const others = new Float32Array(9)

describe('an argument that is missing', () => {
  it.each<[string, () => unknown, string]>([
    ['drawFaces, face', () => drawFaces(photo, [nothing], 'mesh', { model, backend }), 'faces[0]'],
    ['drawFaces, face for pose', () => drawFaces(photo, [nothing], 'pose', { model, backend }), 'faces[0]'],
    [
      'drawFaces, backend',
      () => drawFaces(photo, [{ ...face, vertices }], 'mesh', { model, backend: promise }),
      'backend',
    ],
    ['drawLandmarks', () => drawLandmarks(photo, nothing), 'landmarks'],
    ['drawLandmarks, colours', () => drawLandmarks(photo, face.landmarks, empty), 'style.line'],
    ['drawPoints', () => drawPoints(photo, nothing), 'vertices'],
    ['drawPoints, colour', () => drawPoints(photo, vertices, empty), 'style.color'],
    ['drawPose', () => drawPose(photo, nothing, 'box'), 'face'],
    ['drawPoseBox', () => drawPoseBox(photo, empty), 'face.landmarks'],
    ['drawPoseAxes', () => drawPoseAxes(photo, { landmarks: face.landmarks } as never), 'face.pose'],
    ['fitAffine', () => fitAffine(nothing, vertices), 'from'],
    ['transformPoints', () => transformPoints(nothing, vertices), 'transform'],
    [
      'transformPoints, points',
      () => transformPoints({ matrix: face.pose.rotation, translation: [0, 0, 0] }, nothing),
      'points',
    ],
    ['invertTransform', () => invertTransform(empty), 'transform'],
    ['canonicalVertices', () => canonicalVertices(nothing), 'model'],
    ['poseFromVertices', () => poseFromVertices(nothing, canonical), 'to'],
    ['frontalVertices', () => frontalVertices(nothing, canonical, { fit: 'affine' }), 'from'],
    ['toAlignResult', () => toAlignResult(nothing, []), 'aligner'],
    ['toJsonImage, picture', () => toJsonImage('a.png', nothing, []), 'picture'],
    ['toJsonImage, faces', () => toJsonImage('a.png', photo, nothing), 'faces'],
    ['toJsonFace', () => toJsonFace(nothing), 'face'],
    ['expressionTargets', () => expressionTargets(model, params, nothing), 'frame'],
    ['createMouthLining', () => createMouthLining(nothing, vertices), 'mesh'],
    ['createMouthLining, shape', () => createMouthLining(model, nothing), 'shape'],
    ['liningVertices', () => liningVertices(nothing, vertices), 'lining'],
    ['writeNpy', () => writeNpy(nothing, [3]), 'data'],
    ['writeNpy, shape', () => writeNpy(others, nothing), 'shape'],
    ['writeObj', () => writeObj(nothing, { height }), 'meshes'],
    ['writeObj, mesh', () => writeObj([nothing], { height }), 'meshes[0]'],
    ['writeObj, vertices', () => writeObj([{ vertices: nothing, triangles }], { height }), 'meshes[0].vertices'],
    ['writeObj, options', () => writeObj([mesh], nothing), 'options'],
    ['writePly', () => writePly(mesh as never, { height }), 'meshes'],
    ['writePly, mesh', () => writePly([nothing], { height }), 'meshes[0]'],
    ['writePly, options', () => writePly([mesh], nothing), 'options'],
    ['checkModel', () => checkModel(nothing), 'model'],
    ['namedExpression', () => namedExpression(model, nothing), 'params'],
    ['poseFromParams', () => poseFromParams(nothing), 'params.camera'],
    ['threeMatrix', () => threeMatrix(nothing), 'pose.rotation'],
    ['openCvMatrix', () => openCvMatrix(face as never), 'pose.rotation'],
    ['roiFromLandmarks', () => roiFromLandmarks(nothing), 'points'],
    ['positionMapOfGrid', () => positionMapOfGrid(nothing, vertices), 'topology'],
    ['positionMapOfChart', () => positionMapOfChart(nothing, vertices, model), 'chart'],
    ['pickLandmarks', () => pickLandmarks(nothing, vertices), 'landmarks'],
    ['pickLandmarks, vertices', () => pickLandmarks(model, nothing), 'vertices'],
    ['samplePositionMap', () => samplePositionMap(nothing, model.uv), 'map'],
    ['samplePositionMap, uv', () => samplePositionMap({ size: 1, data: new Float32Array(3) }, nothing), 'uv'],
    ['verticesOfPositionMap', () => verticesOfPositionMap({ size: 1, data: new Float32Array(3) }, nothing), 'topology'],
    ['checkUvTopology', () => checkUvTopology(nothing), 'topology'],
    ['uvMeshOf', () => uvMeshOf(empty), 'topology.cells'],
    ['UvResampler', () => new UvResampler(topology, nothing), 'correspondence'],
    ['UvResampler, topology', () => new UvResampler(nothing, correspondence), 'topology'],
    ['PositionMapRegressor', () => new PositionMapRegressor(promise, topology), 'session'],
    ['SessionParamRegressor', () => new SessionParamRegressor(promise, 'own'), 'session'],
    ['prepareModel', () => prepareModel(promise, model), 'backend'],
    ['renderShaded, model', () => renderShaded(photo, [], nothing, backend), 'model.triangles'],
    ['renderShaded, backend', () => renderShaded(photo, [], model, nothing), 'backend'],
    ['renderDepth', () => renderDepth(photo, [], nothing, backend), 'model.triangles'],
    ['renderPncc', () => renderPncc(photo, [], nothing, backend), 'model.triangles'],
    ['rasterizeFaces', () => rasterizeFaces(photo, [nothing], model, backend), 'faces[0]'],
    ['depthMap', () => depthMap(photo, [], model, promise), 'backend'],
    ['renderTextured', () => renderTextured(photo, nothing, model, texture, backend), 'vertices'],
    ['renderTextured, mesh', () => renderTextured(photo, vertices, nothing, texture, backend), 'mesh'],
    ['renderFrontalView', () => renderFrontalView(nothing, model, texture, backend), 'vertices'],
    ['renderFrontalView, mesh', () => renderFrontalView(canonical, nothing, texture, backend), 'mesh'],
    ['renderFrontalView, backend', () => renderFrontalView(canonical, model, texture, promise), 'backend'],
    ['mouthColors', () => mouthColors(photo, vertices, nothing, model), 'lining'],
    ['mouthColors, mesh', () => mouthColors(photo, vertices, lining, nothing), 'mesh.landmarks'],
    ['regionMask', () => regionMask(uvMeshOf(topology) as never, 'eyes'), 'mesh.landmarks'],
    ['unionMasks', () => unionMasks(nothing, nothing), 'masks'],
    ['textureColors', () => textureColors(texture, nothing), 'uv'],
    ['vertexColors', () => vertexColors(photo, nothing), 'vertices'],
    ['seenTexels', () => seenTexels(photo, nothing, model, backend, { chart }), 'vertices'],
    ['seenTexels, options', () => seenTexels(photo, vertices, model, backend, nothing), 'options'],
    ['seenTexels, chart', () => seenTexels(photo, vertices, model, backend, empty), 'chart'],
    ['skinMask', () => skinMask(texture, nothing, seen), 'mesh.landmarks'],
    ['createUvChart', () => createUvChart(nothing, 32, backend), 'mesh'],
    ['createUvChart, backend', () => createUvChart(model, 32, nothing), 'backend'],
    ['uvTexture', () => uvTexture(photo, vertices, nothing, backend), 'mesh'],
    ['uvTexture, backend', () => uvTexture(photo, vertices, model, promise), 'backend'],
    ['vertexVisibility', () => vertexVisibility(nothing, photo, backend), 'mesh'],
    ['vertexVisibility, backend', () => vertexVisibility(mesh, photo, nothing), 'backend'],
    ['landmarkVisibility', () => landmarkVisibility(model, nothing), 'visible'],
    ['faceConfidence', () => faceConfidence(nothing), 'face'],
    ['FaceTracker', () => new FaceTracker(null as never), 'options'],
    ['FaceTracker, boxes', () => new FaceTracker().propose(nothing), 'boxes'],
    ['FaceTracker, observations', () => new FaceTracker().end(nothing), 'observations'],
  ])('is named: %s', (_, call, name) => {
    expect(call).toThrow(InvalidInputError)
    const escaped = name.replace(/[[\].]/g, '\\$&')
    expect(call).toThrow(new RegExp(`^Expected .* for ${escaped} but received .*\\.$`))
  })

  it('is named: pickBackend', async () => {
    await expect(pickBackend(nothing)).rejects.toThrow('for candidates but received undefined')
  })
})

describe('an argument that does not belong to the rest', () => {
  it.each<[string, () => unknown, string]>([
    ['a fit that there is not', () => poseFromVertices(vertices, canonical, { fit: 'rigid' as never }), 'fit'],
    ['as much for frontal vertices', () => frontalVertices(vertices, canonical, { fit: 'rigid' as never }), 'fit'],
    ['channels', () => createImage(2, 2, 1 as never), 'channels'],
    ['vertices of another model', () => pickLandmarks(model, others), 'vertices'],
    ['vertices of another model on a chart', () => positionMapOfChart(chart, others, model), 'vertices'],
    ['half a point', () => vertexColors(photo, new Float32Array(4)), 'vertices'],
    ['half a coordinate', () => textureColors(texture, new Float32Array(3)), 'uv'],
    [
      'half a point to move',
      () => transformPoints({ matrix: face.pose.rotation, translation: [0, 0, 0] }, new Float32Array(4)),
      'points',
    ],
    ['sides below 0', () => writeNpy(others, [-3, -3]), 'shape'],
    ['broken sides', () => writeNpy(others, [1.5, 6]), 'shape'],
    ['no input size', () => expressionTargets(model, params, { roi: frame.roi } as never), 'frame.inputSize'],
    [
      'coefficients of another model',
      () => new SparseDecoder(model).decode({ camera, shape: others, expression: others }, frame),
      'params.shape',
    ],
  ])('is refused: %s', (_, call, name) => {
    expect(call).toThrow(InvalidInputError)
    expect(call).toThrow(` for ${name} but received `)
  })

  it('is told without the source of a function', () => {
    const given = function somebodysOwn() {
      return 'a long story'
    }
    expect(() => checkImage(given as never)).toThrow(/ for image but received the function somebodysOwn\.$/)
    expect(() => checkImage((() => {}) as never)).toThrow(/ for image but received a function\.$/)
  })
})
