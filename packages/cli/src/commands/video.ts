import { createConsole } from '../console.ts'
import { CliError, EXIT } from '../errors.ts'
import { positionMapOf } from '../model-choice.ts'
import { count, countFaces } from '../report.ts'
import { makeVideo, type VideoResult } from '../video/make-video.ts'
import { planVideo, type VideoPlan } from '../video/plan-video.ts'
import type { VideoFlags } from './video-command.ts'
import { withAligner } from './with-engine.ts'

/** Makes what the flags ask for of one video. @returns the exit code. */
export async function video(input: string, flags: VideoFlags): Promise<number> {
  const console = createConsole(flags)
  const plan = planVideo(input, flags)
  if (positionMapOf(flags.model))
    throw new CliError(
      `Expected a model of parameters for a video, since tracking smooths and judges parameters, which position-map networks lack, but received ${flags.model}; give --model mb05 or open, or align single frames.`,
      EXIT.usage,
    )
  return withAligner(flags, console, async (aligner) => {
    const result = await makeVideo(plan, aligner, { ...flags, smoothing: flags.smooth }, console)
    console.info(summary(plan, result))
    return result.interrupted ?? EXIT.ok
  })
}

/** `clip.mp4: 250 frames, 2 faces, 3.1 s (80.6 fps) -> clip_mesh.mp4` */
function summary({ input, out, json, glb }: VideoPlan, { frames, faces, seconds, interrupted }: VideoResult): string {
  const files = [out, json === '-' ? undefined : json, glb].filter((path) => path !== undefined)
  const made = files.length > 0 ? ` -> ${files.join(', ')}` : ''
  const early = interrupted === undefined ? '' : ', interrupted'
  return `${input.name}: ${count(frames, 'frame')}, ${countFaces(faces)}, ${seconds.toFixed(1)} s (${(frames / seconds).toFixed(1)} fps)${early}${made}`
}
