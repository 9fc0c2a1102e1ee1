import type { FaceAligner, InputFrame, TrackedFrame, TrackerOptions } from '@3ddfa/core'
import { CliError } from '../errors.ts'
import { probeVideo, reason } from '../video/probe.ts'
import { VideoDecoder } from '../video/video-decoder.ts'
import { videoFile } from '../video/video-input.ts'
import type { Lab } from './lab.ts'
import { painter } from './painter.ts'
import { ENGINE } from './setting.ts'
import type { Stage } from './stage.ts'

/** Frames in memory. */
export interface Clip {
  readonly path: string
  readonly frames: readonly InputFrame[]
  readonly width: number
  readonly height: number
}

/** Reads the first frames of a video. @throws {CliError} when there are none. */
export async function readClip(path: string, count: number): Promise<Clip> {
  const input = videoFile(path)
  const info = await probeVideo(input)
  const decoder = new VideoDecoder(input, info, { start: 0, end: undefined })
  const frames: InputFrame[] = []
  for await (const frame of decoder.frames()) if (frames.push(frame) >= count) break
  if (frames.length === 0) throw new CliError(`No frame of ${path} can be read: ${reason(decoder.complaints())}.`)
  return { path, frames, width: info.width, height: info.height }
}

/** The stages of a video, milliseconds a frame; each run is a pass over the clip. */
export function videoStages(lab: Lab, clip: Clip): Stage[] {
  const per = clip.frames.length
  const tracking = (name: string, options: TrackerOptions, isShaded = false): Stage => ({
    name,
    dependsOn: ENGINE,
    prepare: async (setting) => {
      const aligner = await lab.aligner(setting)
      const paint = painter(aligner)
      const show = ({ image, faces }: TrackedFrame): unknown => isShaded && paint(image, faces)
      return { run: () => follow(aligner, clip.frames, options, show), per }
    },
  })
  return [
    { name: 'decode frame', dependsOn: [], prepare: async () => ({ run: () => readClip(clip.path, per), per }) },
    tracking('track, landmarks', {}),
    tracking('track, dense', { dense: true, reuse: true }),
    tracking('track, shaded', { dense: true, reuse: true }, true),
  ]
}

/** Tracks the frames once; `show` gets each of them. */
export async function follow(
  aligner: FaceAligner,
  frames: readonly InputFrame[],
  options: TrackerOptions,
  show: (frame: TrackedFrame) => unknown = () => {},
): Promise<void> {
  for await (const frame of aligner.track(frames, options)) show(frame)
}
