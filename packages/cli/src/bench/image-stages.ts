import {
  copyImage,
  createImage,
  createUvChart,
  type Face,
  type FaceAligner,
  type ImageView,
  RenderScratch,
  type Roi,
  renderDepth,
  renderPncc,
  renderShaded,
  snapRoi,
  uvTexture,
  verticesOf,
  writeObj,
  writePly,
} from '@3ddfa/core'
import { readPicture } from '../images.ts'
import { encodePng } from '../png.ts'
import type { BenchPicture, Lab } from './lab.ts'
import { painter } from './painter.ts'
import { ENGINE, type Setting } from './setting.ts'
import type { Measured, Stage } from './stage.ts'

type Work = (
  picture: BenchPicture,
  aligner: FaceAligner,
  face: Face,
  setting: Setting,
) => (() => unknown) | Promise<() => unknown>

/** The stages of a photograph. What is of a face is of the first one of each picture. */
export function imageStages(lab: Lab, pictures: readonly BenchPicture[]): Stage[] {
  const stage = (name: string, dependsOn: Stage['dependsOn'], work: Work): Stage => ({
    name,
    dependsOn,
    prepare: (setting) => overPictures(lab, pictures, setting, work),
  })
  return [
    stage(
      'decode image',
      [],
      ({ path }) =>
        () =>
          // It was let in when the stages were made.
          readPicture(path, { maxPixels: Infinity }),
    ),
    stage(
      'detect',
      ['detector', 'runtime', 'threads'],
      ({ image }, { detector }) =>
        () =>
          detector!.detect(image),
    ),
    stage(
      'crop',
      ['backend'],
      ({ image }, aligner, { roi }) =>
        () =>
          crop(image, aligner, roi),
    ),
    {
      name: 'regress, a face',
      dependsOn: ['runtime', 'threads', 'batch'],
      prepare: (setting) => regress(lab, pictures, setting),
    },
    stage(
      'sparse',
      [],
      (_, aligner, { params, roi }) =>
        () =>
          aligner.faceFromParams(params, roi),
    ),
    stage('dense', ['backend'], (_, aligner, face) => decode(aligner, face)),
    stage('render', ['backend'], ({ image }, aligner, face) => drawing(image, aligner, [face], renderShaded)),
    stage('depth', ['backend'], ({ image }, aligner, face) => drawing(image, aligner, [face], renderDepth)),
    stage('pncc', ['backend'], ({ image }, aligner, face) => drawing(image, aligner, [face], renderPncc)),
    stage('uv texture', ['backend'], unwrap),
    stage(
      'export ply',
      [],
      ({ image }, aligner, face) =>
        () =>
          writePly([meshOf(aligner, face)], { height: image.height }),
    ),
    stage(
      'export obj',
      [],
      ({ image }, aligner, face) =>
        () =>
          writeObj([meshOf(aligner, face)], { height: image.height }),
    ),
    stage('export glb', ['backend'], exportGlb),
    stage(
      'encode png',
      [],
      ({ image }) =>
        () =>
          encodePng(image),
    ),
    stage(
      'whole picture, landmarks',
      ENGINE,
      ({ image }, aligner) =>
        () =>
          aligner.align(image),
    ),
    stage('whole picture, shaded', ENGINE, wholePicture(true)),
    stage('whole picture, shaded, one look', ENGINE, wholePicture(false)),
  ]
}

/** The four stages in which Dense-Head-Pose-Estimation times itself, for one face whose box is known. */
export function denseHeadStages(lab: Lab, pictures: readonly BenchPicture[]): Stage[] {
  const stage = (name: string, work: Work): Stage => ({
    name,
    dependsOn: ['backend', 'runtime', 'threads'],
    prepare: (setting) => overPictures(lab, pictures, setting, work),
  })
  return [
    stage(
      'pre-process',
      ({ image }, aligner, { roi }) =>
        () =>
          crop(image, aligner, roi),
    ),
    stage('inference', ({ image }, aligner, { roi }) => {
      const input = [crop(image, aligner, roi)]
      return () => aligner.regressor.regress(input)
    }),
    stage('post-process', (_, aligner, face) => {
      const vertices = decode(aligner, face)
      return () => {
        aligner.faceFromParams(face.params, face.roi)
        vertices()
      }
    }),
    stage('render', ({ image }, aligner, face) => drawing(image, aligner, [face], renderShaded)),
  ]
}

async function overPictures(
  lab: Lab,
  pictures: readonly BenchPicture[],
  setting: Setting,
  work: Work,
): Promise<Measured> {
  const aligner = await lab.aligner(setting)
  const runs: (() => unknown)[] = []
  for (const picture of pictures) runs.push(await work(picture, aligner, picture.faces[0]!, setting))
  if (runs.length === 1) return { run: runs[0]!, per: 1 }
  const run = async (): Promise<void> => {
    for (const each of runs) await each()
  }
  return { run, per: runs.length }
}

function crop(image: ImageView, { backend, regressor }: FaceAligner, roi: Roi): ImageView {
  const out = createImage(regressor.inputSize, regressor.inputSize)
  backend.resample(image, snapRoi(roi), out)
  return out
}

/** Milliseconds a face, of a batch that repeats the faces of the pictures. */
async function regress(lab: Lab, pictures: readonly BenchPicture[], setting: Setting): Promise<Measured> {
  const aligner = await lab.aligner(setting)
  const crops = pictures.flatMap(({ image, faces }) => faces.map(({ roi }) => crop(image, aligner, roi)))
  const batch = Array.from({ length: setting.batch }, (_, i) => crops[i % crops.length]!)
  return { run: () => aligner.regressor.regress(batch), per: batch.length }
}

function decode(aligner: FaceAligner, face: Face): () => Float32Array {
  const out = new Float32Array(verticesOf(face).length)
  return () => aligner.vertices(face, out)
}

/** Draws again and again on one copy: what is below a face does not change how long it takes. */
function drawing(
  image: ImageView,
  { model, backend }: FaceAligner,
  faces: readonly Face[],
  render: typeof renderShaded | typeof renderDepth | typeof renderPncc,
): () => void {
  const canvas = copyImage(image)
  const scratch = new RenderScratch()
  return () => render(canvas, faces, model, backend, { scratch })
}

const unwrap: Work = ({ image }, { model, backend }, face) => {
  const chart = createUvChart(model, 256, backend)
  return () => uvTexture(image, verticesOf(face), model, backend, { chart })
}

const exportGlb: Work = async ({ image }, { model, backend }, face) => {
  const { writeGlb } = await import('@3ddfa/core/gltf')
  return () => {
    const mesh = { vertices: verticesOf(face), triangles: model.triangles }
    return writeGlb([{ ...mesh, normals: backend.vertexNormals(mesh) }], { picture: image })
  }
}

const wholePicture =
  (refine: boolean): Work =>
  ({ image }, aligner) => {
    const paint = painter(aligner)
    return async () => paint(image, await aligner.align(image, { dense: true, refine }))
  }

function meshOf({ model }: FaceAligner, face: Face) {
  return { vertices: verticesOf(face), triangles: model.triangles }
}
