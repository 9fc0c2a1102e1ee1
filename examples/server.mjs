// Pictures in, faces out, over HTTP: node server.mjs 8080, then curl --data-binary @photo.jpg localhost:8080
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import {
  FaceAligner,
  pickBackend,
  ReferenceBackend,
  SessionParamRegressor,
  toAlignResult,
  toJsonImage,
} from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { createNativeBackend } from '@3ddfa/render-native'
import sharp from 'sharp'

const MAX_BYTES = 32 * 2 ** 20
const MAX_PIXELS = 50e6
// Uploads that are being read, and that wait for their turn, each: at most this many times MAX_BYTES.
const MAX_WAITING = 32

// One aligner for all requests: its networks are loaded once.
const { backend } = await pickBackend([
  { id: 'native', create: createNativeBackend },
  { id: 'reference', create: () => new ReferenceBackend() },
])
const aligner = await FaceAligner.create({
  detector: createOpenDetector(await createNodeSession(detectorPath), { resampler: backend }),
  regressor: new SessionParamRegressor(await createNodeSession(regressorPath), 'open'),
  model: readMorphableModel(await readFile(facePath)),
  backend,
})

/** An answer that is the client's fault. */
class Refusal extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

async function readBody(request) {
  if (request.method !== 'POST') throw new Refusal(405, 'POST a picture: JPEG, PNG, WebP, AVIF, GIF or TIFF.')
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Refusal(413, `Expected a picture of at most ${MAX_BYTES} bytes.`)
    chunks.push(chunk)
  }
  if (bytes === 0) throw new Refusal(400, 'Expected a picture, but nothing came.')
  return Buffer.concat(chunks)
}

async function align(file) {
  const { data, info } = await sharp(file, { ignoreIcc: true, limitInputPixels: MAX_PIXELS })
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error) => {
      throw new Refusal(415, `Expected a picture of at most ${MAX_PIXELS / 1e6} megapixels, but: ${error.message}`)
    })
  const image = { data, width: info.width, height: info.height, channels: 3 }
  const faces = await aligner.align(image)
  return toAlignResult(aligner, [toJsonImage('upload', image, faces, { model: aligner.model })])
}

// One picture at a time, in order: a decoded one is large, and the networks use all cores already.
let last = Promise.resolve()
let waiting = 0
async function inTurn(work) {
  if (waiting === MAX_WAITING) throw new Refusal(503, 'Too many pictures are waiting; try again in a while.')
  waiting++
  last = last.then(work, work).finally(() => waiting--)
  return last
}

const server = createServer(async (request, response) => {
  try {
    const file = await readBody(request)
    const result = await inTurn(() => (response.destroyed ? undefined : align(file))) // nothing for clients that have left
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
  } catch (error) {
    if (response.destroyed) return // the client left
    if (!(error instanceof Refusal)) console.error(error)
    const { status, message } =
      error instanceof Refusal ? error : { status: 500, message: 'Something went wrong here.' }
    // Closed: what is left of a body that is too large is not read.
    response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${message}\n`)
  }
})
server.maxConnections = MAX_WAITING
server.listen(Number(process.argv[2] ?? 8080), () => console.log(`Listening on port ${server.address().port}`))

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    server.close(() => aligner.dispose())
    server.closeIdleConnections()
  })
