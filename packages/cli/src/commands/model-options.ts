import { Option } from 'commander'

/** `--detector` as every command has it. */
export function detectorOption(): Option {
  return new Option('--detector <name>', 'face detector (default: open with the open model, else faceboxes)').choices([
    'faceboxes',
    'ultraface',
    'yunet',
    'open',
  ])
}

/** `--model` as every command has it. */
export function modelOption(): Option {
  return new Option(
    '--model <name>',
    'open, mb05, mb1, the path of a published .pth or of an .onnx made from one, open:PATH with a network of your own for the open face model, or prnet:PATH with a checkpoint of PRNet; auto: mb05 where it is here, else open',
  ).default('auto')
}
