import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createImage, type FaceBox, type FaceDetector, type ImageView, ReferenceBackend } from '@3ddfa/core'
import { createNodeSession } from '@3ddfa/inference/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importFaceBoxes, importOnnxDetector } from '../../../models/src/index.ts'
import { shared } from '../../../scripts/shared.mjs'
import { parseNpy } from '../../core/src/testing.ts'
import { createDetector, DETECTOR_NAMES, type DetectorName, type DetectorOptions } from './create-detector.ts'

// All detectors on real pictures, with the networks that the importer writes from the published files and our own.

const sharp = createRequire(new URL('../../cli/package.json', import.meta.url))('sharp')
const there = shared('upstream') && shared('images') && shared('golden')
const reason = there ? '' : ' (skipped: ../shared with upstream, images and golden is not here)'
const bytes = (path: string) => readFileSync(shared(path)!)
const npy = (name: string) => parseNpy(bytes(`golden/${name}.npy`))

const NETWORKS: Record<DetectorName, () => Uint8Array> = {
  faceboxes: () => importFaceBoxes({ checkpoint: bytes('upstream/3DDFA_V2/FaceBoxes/weights/FaceBoxesProd.pth') }),
  open: () => readFileSync(new URL('../../../models/open/detector.onnx', import.meta.url)),
  ultraface: () =>
    importOnnxDetector(
      { model: bytes('upstream/detectors/ultraface/version-RFB-320_without_postprocessing.onnx') },
      'ultraface',
    ),
  yunet: () => importOnnxDetector({ model: bytes('upstream/detectors/yunet/yunet_n_dynamic.onnx') }, 'yunet'),
}

async function decode(path: string, alpha = false): Promise<ImageView> {
  const picture = sharp(shared(path)!)
  const { data, info } = await (alpha ? picture.ensureAlpha() : picture.removeAlpha())
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: alpha ? 4 : 3 }
}

async function create<N extends DetectorName>(name: N, options: DetectorOptions[N] = {}): Promise<FaceDetector> {
  return createDetector(name, await createNodeSession(NETWORKS[name](), { threads: 1 }), options)
}

function iou(a: Omit<FaceBox, 'score'>, b: Omit<FaceBox, 'score'>): number {
  const width = Math.max(0, Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1))
  const height = Math.max(0, Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1))
  const area = (box: Omit<FaceBox, 'score'>) => (box.x2 - box.x1) * (box.y2 - box.y1)
  return (width * height) / (area(a) + area(b) - width * height)
}

/** The reference's boxes, best first. */
function goldenBoxes(name: string): FaceBox[] {
  const { data } = npy(`${name}_boxes`)
  return Array.from({ length: data.length / 5 }, (_, i) => {
    const [x1, y1, x2, y2, score] = data.subarray(5 * i) as unknown as [number, number, number, number, number]
    return { x1, y1, x2, y2, score }
  })
}

describe.skipIf(!there).each(DETECTOR_NAMES)(`%s on pictures${reason}`, (name) => {
  let detector: FaceDetector
  beforeAll(async () => {
    detector = await create(name)
  })
  afterAll(() => detector.dispose())

  it.each([
    ['trump_hillary', 2],
    ['emma', 3],
  ])('%s: %i faces where the reference has them, alpha or not', async (picture, count) => {
    const truth = goldenBoxes(picture)
    for (const alpha of [false, true]) {
      const found = await detector.detect(await decode(`images/${picture}.jpg`, alpha))
      expect(found).toHaveLength(count)
      for (const face of truth) expect(Math.max(...found.map((box) => iou(box, face)))).toBeGreaterThan(0.6)
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a))
    }
  })

  it('every face of 40 video frames and of 8 photographs in large pose', async () => {
    const points: Record<string, [number, number][]> = JSON.parse(
      bytes('images/youtube_faces/landmarks68.json').toString(),
    )
    for (const [file, landmarks] of Object.entries(points)) {
      const [xs, ys] = [landmarks.map(([x]) => x), landmarks.map(([, y]) => y)]
      const face = { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) }
      const found = await detector.detect(await decode(`images/youtube_faces/${file}`))
      expect(Math.max(...found.map((box) => iou(box, face))), file).toBeGreaterThan(0.3)
    }
    const photographs = readdirSync(shared('images/aflw2000')!).filter((file) => file.endsWith('.jpg'))
    const missed: string[] = []
    for (const file of photographs)
      if ((await detector.detect(await decode(`images/aflw2000/${file}`))).length === 0) missed.push(file)
    expect(missed).toEqual([])
  })

  it('a face cut by the border', async () => {
    const picture = await decode('images/trump_hillary.jpg')
    const [first] = await detector.detect(picture)
    // The left third of the face is cut off.
    const x = Math.round(first!.x1 + (first!.x2 - first!.x1) / 3)
    const cut = createImage(500, picture.height)
    new ReferenceBackend().resample(picture, { x1: x, y1: 0, x2: x + 500, y2: picture.height }, cut)
    const found = await detector.detect(cut)
    expect(Math.max(...found.map((box) => iou(box, { ...first!, x1: 0, x2: first!.x2 - x })))).toBeGreaterThan(0.5)
  })

  it('no face, a pixel, a line', async () => {
    expect(await detector.detect(createImage(640, 480))).toEqual([])
    expect(await detector.detect(createImage(1, 1))).toEqual([])
    expect(await detector.detect(createImage(4000, 2, 4))).toEqual([])
    expect(await detector.detect(createImage(2, 4000))).toEqual([])
  })
})

describe.skipIf(!there)(`hundreds of faces${reason}`, () => {
  const CELL = 64
  const COUNT = 20
  let mosaic: ImageView
  beforeAll(async () => {
    const photograph = await decode('images/emma.jpg')
    const { x1, y1, x2, y2 } = goldenBoxes('emma')[0]!
    const half = Math.round(0.75 * (y2 - y1))
    const [cx, cy] = [Math.round((x1 + x2) / 2), Math.round((y1 + y2) / 2)]
    const tile = createImage(CELL, CELL)
    const region = { x1: cx - half, y1: cy - half, x2: cx + half, y2: cy + half }
    new ReferenceBackend().resample(photograph, region, tile)
    mosaic = createImage(CELL * COUNT, CELL * COUNT)
    const row = 3 * CELL
    for (let y = 0; y < mosaic.height; y++)
      for (let x = 0; x < COUNT; x++)
        mosaic.data.set(tile.data.subarray((y % CELL) * row, (y % CELL) * row + row), (y * COUNT + x) * row)
  })

  it.each([
    ['faceboxes', { maxWidth: CELL * COUNT, maxHeight: CELL * COUNT }],
    ['yunet', {}],
    ['open', {}],
    ['open', { maxSize: CELL * COUNT }],
  ] as const)('%s finds one in each of 400 cells', async (name, options) => {
    const detector = await create(name, options)
    const cells = (await detector.detect(mosaic)).map(
      ({ x1, y1, x2, y2 }) => Math.floor((y1 + y2) / 2 / CELL) * COUNT + Math.floor((x1 + x2) / 2 / CELL),
    )
    expect(cells).toHaveLength(400)
    expect(new Set(cells).size).toBe(400)
    await detector.dispose()
  })
})

describe.skipIf(!there)(`FaceBoxes against the reference${reason}`, () => {
  it('from the picture to the boxes', async () => {
    const detector = await create('faceboxes')
    const found = await detector.detect(await decode('golden/trump_hillary_input.png'))
    expectSame(found, goldenBoxes('trump_hillary'), 1)
    await detector.dispose()
  })

  it.each(['trump_hillary', 'emma'])('from the resized %s to the boxes', async (picture) => {
    const { data, shape } = npy(`${picture}_fb_scaled_bgr_u8`)
    const [height, width] = shape as [number, number]
    const rgb = Uint8Array.from(data, (_, i) => data[i - (i % 3) + 2 - (i % 3)]!)
    const detector = await create('faceboxes')
    const found = await detector.detect({ data: rgb, width, height, channels: 3 })
    expectSame(found, goldenBoxes(picture), (picture === 'emma' ? 3913 : 1536) / 1080)
    await detector.dispose()
  })
})

/** Corners as the reference's, pixels of the whole picture; found boxes scaled by `scale`. */
function expectSame(found: readonly FaceBox[], golden: readonly FaceBox[], scale: number): void {
  expect(found).toHaveLength(golden.length)
  let worst = 0
  for (const [i, face] of golden.entries())
    for (const key of ['x1', 'y1', 'x2', 'y2'] as const)
      worst = Math.max(worst, Math.abs(found[i]![key] * scale - face[key]))
  // Reached: 1.5e-4.
  expect(worst).toBeLessThan(0.001)
}
