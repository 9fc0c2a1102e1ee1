import { POSE_CONVENTIONS, POSE_DRAWINGS, STYLE_NAMES } from '@3ddfa/core'
import { Option } from 'commander'
import { choice } from '../parse-options.ts'

/** `--style` as every command that draws has it. */
export function styleOption(): Option {
  return choice(
    '--style <name>',
    'colours and light of what is drawn: of 3DDFA_V2, or of Dense-Head-Pose-Estimation',
    STYLE_NAMES,
  )
}

/** `--numbers` as every command that draws has it. */
export function numbersOption(whose: string): Option {
  return new Option('--numbers', `write ${whose} beside each face`)
}

/** `--pose-convention` as every command that tells angles has it. */
export function conventionOption(): Option {
  return choice('--pose-convention <name>', 'meaning of the pose angles', POSE_CONVENTIONS)
}

/** `--pose-as` as every command that draws has it. */
export function poseOption(): Option {
  return choice('--pose-as <what>', 'how pose is drawn: a box around the head, its axes, or both', POSE_DRAWINGS)
}
