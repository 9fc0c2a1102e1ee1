import {
  DRAWINGS,
  type Drawing,
  type PoseConvention,
  type PoseDrawing,
  SMOOTHINGS,
  type Smoothing,
  type StyleName,
  TRACKER_DEFAULTS,
} from '@3ddfa/core'
import { Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../errors.ts'
import { choice, integerIn, numberIn } from '../parse-options.ts'
import { type AlignerFlags, addAlignerOptions, anyRollOption } from './aligner-options.ts'
import { conventionOption, numbersOption, poseOption, styleOption } from './drawing-options.ts'
import { addSourceOptions, type SourceFlags } from './source-options.ts'

export interface VideoFlags extends AlignerFlags, SourceFlags {
  readonly outputs?: readonly (Drawing | 'none')[]
  readonly out?: string
  readonly json?: string
  readonly glb?: string
  readonly display?: boolean
  readonly smooth: Smoothing
  readonly detectEvery?: number
  readonly anyRoll?: boolean
  readonly start?: number
  readonly end?: number
  readonly inputFormat?: string
  readonly overwrite?: boolean
  readonly style: StyleName
  readonly poseAs: PoseDrawing
  readonly numbers?: boolean
  readonly poseConvention: PoseConvention
  readonly opacity?: number
  readonly background: 'video' | 'black'
  readonly quiet?: boolean
  readonly verbose?: boolean
}

export function videoCommand(): Command {
  const command = new Command('video')
    .description('Follow every face through a video or a camera, and make a video, a track or an animation of it.')
    .argument('<input>', 'a video, - for stdin, or with --input-format a camera')
    .option(
      '-o, --outputs <list>',
      `what to draw, one over the other, from ${DRAWINGS.join(',')}, or none (default: sparse)`,
      drawingList,
    )
    .option('--out <file>', 'the video: .mp4, .mov, .mkv or .webm (default: out/<input>_<drawn>.mp4)')
    .option('--json <file>', 'the track: a line of JSON a frame; - is stdout')
    .option('--glb <file>', 'animated heads')
    .option('--display', 'show it while it is made, with ffplay')
    .addOption(choice('--smooth <how>', 'against jitter', SMOOTHINGS))
    .option(
      '--detect-every <frames>',
      `frames between two looks of the detector while all is well; fewer find new faces sooner (default: ${TRACKER_DEFAULTS.detectEvery})`,
      integerIn(1, 1e6),
    )
    .addOption(anyRollOption())
    .option('--start <time>', 'where to begin, in seconds or as 1:23.4', seconds)
    .option('--end <time>', 'where to end', seconds)
    .option('--input-format <name>', "ffmpeg's name of the input's format, for example v4l2", word)
    .option('--overwrite', 'replace files that are there')
    .addOption(styleOption())
    .addOption(poseOption())
    .addOption(numbersOption('its id, as in the track,'))
    .addOption(conventionOption())
    .option(
      '--opacity <a>',
      "how strongly the mesh covers the video in mesh, 0 to 1 (default: 1 on black, else the style's, 0.6 or 1)",
      numberIn(0, 1),
    )
    .addOption(choice('--background <what>', 'below what is drawn', ['video', 'black']))
  return addSourceOptions(addAlignerOptions(command))
    .option('-q, --quiet', 'print errors only')
    .option('-v, --verbose', 'print more, such as which backend runs')
    .addHelpText('after', HELP)
    .action(async (input: string, flags: VideoFlags) => {
      const { video } = await import('./video.ts')
      process.exitCode = await video(input, flags)
    })
}

/** Parses `mesh,pose` or `none`; the option may be given again and again. */
export function drawingList(text: string, before: readonly (Drawing | 'none')[] = []): (Drawing | 'none')[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => name !== 'none' && !DRAWINGS.includes(name as Drawing))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no drawing "${unknown}"; there are ${DRAWINGS.join(', ')}, or none.`)
  return [...new Set([...before, ...(names as (Drawing | 'none')[])])]
}

/** Parses `83.4`, `1:23.4` or `0:01:23.4`. */
export function seconds(text: string): number {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,9}(?:\.\d+)?)$/.exec(text)
  const [h, m, s] = match ? match.slice(1).map((part) => Number(part ?? 0)) : []
  const inClock = match?.[2] !== undefined
  if (!match || (inClock && (m! > 59 || s! >= 60)))
    throw new InvalidArgumentError('Expected seconds (83.4) or a time (1:23.4).')
  return h! * 3600 + m! * 60 + s!
}

function word(text: string): string {
  if (!/^[a-z0-9][a-z0-9_,]*$/i.test(text)) throw new InvalidArgumentError("Expected one of ffmpeg's formats.")
  return text
}

const HELP = `
Frame rate, times, rotation and sound stay as they are. Ctrl-C ends the video early and finishes it; a second Ctrl-C gives it
up. A file that breaks off gives what can be read. Needs ffmpeg 5.1 or newer on the PATH.

Examples:
  $ 3ddfa video talk.mp4 -o mesh --out talk_mesh.mp4
  $ 3ddfa video talk.mp4 --json talk.jsonl --glb talk.glb --start 1:20 --end 1:35
  $ 3ddfa video /dev/video0 --input-format v4l2 -o pose --display
  $ curl -s https://example.org/clip.webm | 3ddfa video - -o dense --out dense.webm
  $ 3ddfa video talk.mp4 --json - | jq '.faces[]? | {id, yaw: .pose.yaw}'

Exit codes:
  ${EXIT.ok}    done, even when no face was seen or the file broke off
  ${EXIT.someFailed}    nothing could be read, or an output could not be made
  ${EXIT.usage}    nothing was done: wrong usage, or ffmpeg, a model or a backend is missing
  130  interrupted (129 by a closed terminal); what was done until then is whole`
