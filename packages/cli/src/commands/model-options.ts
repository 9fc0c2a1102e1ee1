import { Option } from 'commander'
import { DETECTOR_CHOICES } from '../detector-names.ts'
import { choice, integerIn } from '../parse-options.ts'
import { RUNTIMES } from '../runtimes.ts'

/** `--backend` as every command has it. */
export function backendOption(): Option {
  return choice('--backend <id>', 'mesh backend', ['auto', 'native', 'wasm', 'reference'])
}

/** `--detector` as every command has it. */
export function detectorOption(): Option {
  return new Option('--detector <name>', 'face detector (default: open with the open model, else faceboxes)').choices(
    DETECTOR_CHOICES,
  )
}

/** `--detect-size` as every command has it. */
export function detectSizeOption(): Option {
  return new Option(
    '--detect-size <n>',
    "larger pictures are scaled down to this side for the detector, pixels: smaller is faster and misses smaller faces (default: the detector's)",
  ).argParser(integerIn(32, 8192))
}

/** `--model` as every command has it. */
export function modelOption(): Option {
  return new Option(
    '--model <name>',
    'open, mb05, mb05-int8, mb1, the path of a published .pth or of an .onnx made from one, open:PATH with a network of your own for the open face model, or prnet:PATH with a checkpoint of PRNet; auto: mb05 where it is here, else open',
  ).default('auto')
}

/** `--runtime` as every command has it. */
export function runtimeOption(): Option {
  return choice('--runtime <name>', 'what runs the networks', ['auto', ...RUNTIMES])
}

/** `--threads` as every command has it. */
export function threadsOption(): Option {
  return new Option('--threads <n>', 'threads of the networks (default: one a core, at most 4)').argParser(
    integerIn(1, 256),
  )
}
