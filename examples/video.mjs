// Faces of a video, frame by frame, in memory that does not grow: node video.mjs talk.mp4 (needs ffmpeg)
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { FaceAligner, pickBackend, ReferenceBackend, SessionParamRegressor } from '@3ddfa/core'
import { createOpenDetector } from '@3ddfa/detector'
import { createNodeSession } from '@3ddfa/inference/node'
import { readMorphableModel } from '@3ddfa/models/node'
import { detectorPath, facePath, regressorPath } from '@3ddfa/open-models/node'
import { createNativeBackend } from '@3ddfa/render-native'

const [width, height, rate] = [640, 480, 25]

/** Frames of one size at one rate, whatever the file has: ffmpeg adds black bars and leaves out or repeats frames. */
async function* readFrames(file) {
  const fit = `fps=${rate},scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1`
  const input = ['-nostdin', '-loglevel', 'error', '-i', `file:${file}`, '-map', '0:V:0']
  const output = ['-vf', fit, '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1']
  const ffmpeg = spawn('ffmpeg', [...input, ...output], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(ffmpeg, 'close')
  try {
    let data = new Uint8Array(width * height * 3)
    let [filled, count] = [0, 0]
    for await (const chunk of ffmpeg.stdout)
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + data.length - filled)
        data.set(part, filled)
        at += part.length
        filled += part.length
        if (filled < data.length) continue
        yield { image: { data, width, height, channels: 3 }, timestamp: count++ / rate }
        data = new Uint8Array(data.length) // the last one is borrowed for a while
        filled = 0
      }
    const [code] = await ended
    if (code !== 0) throw new Error(`ffmpeg could not read ${file}.`)
  } finally {
    ffmpeg.kill() // where the loop below ends early
  }
}

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
for await (const { timestamp, faces, lost } of aligner.track(readFrames(process.argv[2]))) {
  for (const { id, pose, confidence } of faces) {
    const yaw = ((pose.yaw * 180) / Math.PI).toFixed(1)
    console.log(`${timestamp.toFixed(2)} s: face ${id}, yaw ${yaw}, confidence ${confidence.toFixed(2)}`)
  }
  for (const id of lost) console.log(`${timestamp.toFixed(2)} s: face ${id} is gone`)
}
await aligner.dispose()
