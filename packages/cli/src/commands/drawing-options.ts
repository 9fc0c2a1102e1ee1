import { POSE_DRAWINGS, STYLE_NAMES } from '@3ddfa/core'
import { Option } from 'commander'

/** `--style` as every command that draws has it. */
export function styleOption(): Option {
  return new Option(
    '--style <name>',
    'colours and light of what is drawn: of 3DDFA_V2, or of Dense-Head-Pose-Estimation',
  )
    .choices(STYLE_NAMES)
    .default(STYLE_NAMES[0])
}

/** `--pose-as` as every command that draws has it. */
export function poseOption(): Option {
  return new Option('--pose-as <what>', 'how pose is drawn: a box around the head, its axes, or both')
    .choices(POSE_DRAWINGS)
    .default(POSE_DRAWINGS[0])
}
