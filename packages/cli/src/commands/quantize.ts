import { readFile, stat } from 'node:fs/promises'
import { createImage, type ImageView, type Session, snapRoi, type Tensor } from '@3ddfa/core'
import { createNodeSession, simplifyNetwork } from '@3ddfa/inference/node'
import { calibrate, exposeActivations, quantizeNetwork } from '@3ddfa/models'
import type { ModelStore } from '@3ddfa/models/node'
import { openBackend } from '../backends.ts'
import { openAligner } from '../compose.ts'
import { type Console, createConsole } from '../console.ts'
import { CliError, EXIT } from '../errors.ts'
import { checkFile, prepareOutput, statOutput, writeWhole } from '../files.ts'
import { readPicture } from '../images.ts'
import { expandInputs } from '../inputs/expand-inputs.ts'
import { count } from '../report.ts'
import { checkIds, openStore } from '../store.ts'
import type { QuantizeFlags } from './models-command.ts'

/** More tell no more about ranges. */
const MOST_PICTURES = 300

/** Detectors see pictures no larger than this, pixels. */
const LARGEST_SIDE = 640

/** Side, pixels: a stranger's network could ask for all memory. */
const LARGEST_INPUT = 4096

/** Writes a network in 8 bits, calibrated on pictures of the user's. */
export async function quantizeModel(network: string, out: string, flags: QuantizeFlags): Promise<void> {
  const console = createConsole(flags)
  const store = openStore(flags, console, { offline: flags.offline })
  statOutput(out, [network, ...flags.pictures])
  // The folder is made only for what will come.
  const given = await readNetwork(network, store)
  prepareOutput(out, [])
  const onnx = await simplifyNetwork(given)
  const session = await createNodeSession(onnx)
  const [height, width] = inputSize(session)
  const ofFaces = session.outputs.some(({ name }) => name === 'params' || name === 'positions')
  await session.dispose()
  // Before the pictures are gone through: it says whether there is anything to quantize.
  const activations = exposeActivations(onnx)
  const pictures = ofFaces
    ? await faceCrops(height, flags, console)
    : await wholePictures(height, width, flags, console)
  if (pictures.length === 0) throw new CliError('No face was found to calibrate on.')
  console.info(`Calibrating on ${count(pictures.length, ofFaces ? 'face' : 'picture')}.`)
  const exposed = await createNodeSession(activations)
  const bytes = quantizeNetwork(onnx, await calibrate(exposed, pictures))
  await exposed.dispose()
  writeWhole(out, bytes)
  console.info(`${out} is ready: ${(bytes.length / 1e6).toFixed(1)} MB`)
}

async function readNetwork(network: string, store: ModelStore): Promise<Uint8Array> {
  const file = await stat(network).catch(() => undefined)
  // A folder may have the name of a model.
  if (file && !file.isDirectory()) {
    checkFile(network, file)
    return readFile(network)
  }
  checkIds(store, [network])
  return readFile(await store.ensure(network))
}

/** Height and width of the pictures that a network takes; -1 where it takes any. */
function inputSize({ inputs }: Session): [number, number] {
  const [image] = inputs
  if (image?.name !== 'image' || image.type !== 'uint8' || image.dims.length !== 4)
    throw new CliError('Expected a network with an input `image` of bytes [N, H, W, 3], as this program writes them.')
  const [, height, width] = image.dims
  if (Math.max(height!, width!) > LARGEST_INPUT)
    throw new CliError(
      `Expected a network for pictures of at most ${LARGEST_INPUT} pixels a side but it takes ${width} x ${height}.`,
    )
  return [height!, width!]
}

/** Regions of faces as the first and the second look see them, with the models that are here. */
async function faceCrops(side: number, flags: QuantizeFlags, console: Console): Promise<Tensor[]> {
  const store = openStore(flags, console, { offline: true })
  const aligner = await openAligner({ model: 'auto', backend: 'auto' }, store, console)
  const crops: Tensor[] = []
  await eachPicture(flags, console, async (image) => {
    for (const refine of [false, true])
      for (const { roi } of await aligner.align(image, { refine })) {
        const crop = createImage(side, side)
        aligner.backend.resample(image, snapRoi(roi), crop)
        crops.push(tensorOf(crop))
      }
  })
  await aligner.dispose()
  return crops
}

async function wholePictures(height: number, width: number, flags: QuantizeFlags, console: Console): Promise<Tensor[]> {
  const backend = await openBackend('auto', console)
  const pictures: Tensor[] = []
  await eachPicture(flags, console, async (image) => {
    const scale = Math.min(1, LARGEST_SIDE / Math.max(image.width, image.height))
    // Multiples of 32 suit every detector.
    const fit = (side: number): number => Math.max(32, Math.round((side * scale) / 32) * 32)
    const small = createImage(width > 0 ? width : fit(image.width), height > 0 ? height : fit(image.height))
    // In a fixed shape there is black beside it, as detectors have it; rounding alone is stretched away.
    const isFixed = width > 0 && height > 0
    const step = Math.max(image.width / small.width, image.height / small.height)
    const x2 = isFixed ? Math.ceil(small.width * step) : image.width
    const y2 = isFixed ? Math.ceil(small.height * step) : image.height
    backend.resample(image, { x1: 0, y1: 0, x2, y2 }, small)
    pictures.push(tensorOf(small))
  })
  backend.dispose()
  return pictures
}

/** Those that cannot be read are told and left out: the others will do. */
async function eachPicture(
  { pictures }: QuantizeFlags,
  console: Console,
  visit: (image: ImageView) => Promise<void>,
): Promise<void> {
  const { files, problems } = await expandInputs(pictures, { recursive: true })
  if (problems[0]) throw new CliError(problems[0].message, EXIT.usage)
  const step = Math.max(1, files.length / MOST_PICTURES)
  for (let i = 0; i < files.length; i += step) {
    const picture = await readPicture(files[Math.floor(i)]!).catch((error) => {
      if (!(error instanceof CliError)) throw error
      console.warn(`${error.message} It is left out.`)
    })
    if (picture) await visit(picture.image)
  }
}

function tensorOf({ data, width, height }: ImageView): Tensor {
  return { type: 'uint8', data, dims: [1, height, width, 3] }
}
