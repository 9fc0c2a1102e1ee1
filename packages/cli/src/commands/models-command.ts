import { Command } from 'commander'
import { choice, collect, networkPath } from '../parse-options.ts'
import { addSourceOptions, type SourceFlags } from './source-options.ts'

export interface ModelsFlags extends SourceFlags {
  readonly json?: boolean
  readonly offline?: boolean
  readonly quiet?: boolean
}

/** The files that `models import` takes, by their role in the importer. */
export interface ImportFlags extends ModelsFlags {
  readonly checkpoint?: string
  readonly meanStd?: string
  readonly model?: string
  readonly bfm?: string
  readonly tri?: string
  readonly ncc?: string
  readonly uv?: string
  readonly indices?: string
  readonly index?: string
  readonly data?: string
}

export interface FuseFlags extends ModelsFlags {
  readonly model: string
  readonly vertices: 'sparse' | 'dense'
  readonly landmarkHead?: boolean
}

export interface QuantizeFlags extends ModelsFlags {
  readonly pictures: readonly string[]
}

const load = () => import('./models.ts')

export function modelsCommand(): Command {
  const command = new Command('models')
    .description('Bring, list and check the models. The Basel Face Model is for academic use only.')
    .addHelpText(
      'after',
      `
Models are published elsewhere by others. They are looked for in local folders (--from, or TDFA_MODEL_SOURCES), then
downloaded from the pinned commit of their repository, checked, and turned into .onnx and .safetensors here.

Examples:
  $ 3ddfa models pull                        what \`align\` prefers: mb05, faceboxes, bfm
  $ 3ddfa models pull all --from ~/3DDFA_V2  everything; files in that folder need no download
  $ 3ddfa models import resnet22 --checkpoint resnet22.pth
  $ 3ddfa models import prnet --data 256_256_resfcn256_weight.data-00000-of-00001
  $ 3ddfa models fuse dense_face.onnx --vertices dense
  $ 3ddfa models quantize mb1 mb1-int8.onnx --pictures faces/
  $ 3ddfa models convert network.tflite network.onnx
  $ 3ddfa models path mb05
  $ 3ddfa models export public/models        for a web page: half the size, with a list that @3ddfa/models/web reads

Exit codes: 0 done, 1 some models failed, 2 wrong usage.`,
    )
  const parts = [
    listCommand,
    pullCommand,
    importCommand,
    fuseCommand,
    quantizeCommand,
    convertCommand,
    exportCommand,
    verifyCommand,
    pathCommand,
    licencesCommand,
  ]
  for (const part of parts) command.addCommand(part())
  return command
}

function listCommand(): Command {
  return withJson(
    addSourceOptions(new Command('list').description('List all models and whether they are here.')),
  ).action(async (flags: ModelsFlags) => (await load()).listModels(flags))
}

function pullCommand(): Command {
  const command = new Command('pull')
    .description('Bring models: from local folders first, then from the network.')
    .argument('[ids...]', 'names as `list` gives them, or all (default: mb05, faceboxes and bfm)')
    .option('--offline', 'never use the network')
    .option('-q, --quiet', 'print errors only')
  return withJson(addSourceOptions(command)).action(async (ids: string[], flags: ModelsFlags) => {
    process.exitCode = await (await load()).pullModels(ids, flags)
  })
}

function importCommand(): Command {
  const command = new Command('import')
    .description('Make a model from files of your own; files that are not given are brought.')
    .argument('<id>', 'name as `list` gives it')
    .option('--checkpoint <file>', 'weights of a regressor or of FaceBoxes (.pth)')
    .option('--mean-std <file>', 'mean and deviation of the parameters (.pkl)')
    .option('--model <file>', 'network of UltraFace (.onnx, or .tflite of Dense-Head-Pose-Estimation) or YuNet (.onnx)')
    .option('--bfm <file>', 'morphable model (.pkl)')
    .option('--tri <file>', 'its triangles (.pkl)')
    .option('--ncc <file>', 'its PNCC colours (.npy)')
    .option('--uv <file>', 'its texture coordinates (.mat)')
    .option('--indices <file>', 'its vertices within the full model (.npy)')
    .option('--data <file>', "weights of PRNet's checkpoint (.data-00000-of-00001)")
    .option('--index <file>', 'index of that checkpoint (.index)')
    .option('--offline', 'never use the network')
    .option('-q, --quiet', 'print errors only')
  return withJson(addSourceOptions(command)).action(async (id: string, flags: ImportFlags) =>
    (await load()).importModel(id, flags),
  )
}

function fuseCommand(): Command {
  const command = new Command('fuse')
    .description('Make one network of a regressor and the face model: from a crop to camera and vertices.')
    .argument('<out>', 'file to be written (.onnx)', networkPath)
    .option('--model <name>', 'mb05, mb1, resnet22, or the path of a published .pth', 'mb05')
    .addOption(choice('--vertices <which>', 'the 68 landmarks, or all vertices', ['sparse', 'dense']))
    .option('--landmark-head', "also the checkpoint's own 68 points (its layer fc_lm)")
    .option('--offline', 'never use the network')
    .option('-q, --quiet', 'print errors only')
  return addSourceOptions(command).action(async (out: string, flags: FuseFlags) =>
    (await load()).fuseModels(out, flags),
  )
}

function quantizeCommand(): Command {
  const command = new Command('quantize')
    .description(
      'Write a network in 8 bits, which is smaller, and faster on processors with 8-bit dot products. mb05-int8 and faceboxes-int8 can be pulled.',
    )
    .argument('<network>', 'name as `list` gives it, or a path (.onnx)')
    .argument('<out>', 'file to be written (.onnx)', networkPath)
    .requiredOption(
      '--pictures <path>',
      'pictures (for a regressor: with faces) such as it will see, or their folder; 100 are plenty; may be given again',
      collect,
    )
    .option('--offline', 'never use the network')
    .option('-q, --quiet', 'print errors only')
  return addSourceOptions(command).action(async (network: string, out: string, flags: QuantizeFlags) =>
    (await import('./quantize.ts')).quantizeModel(network, out, flags),
  )
}

function convertCommand(): Command {
  return new Command('convert')
    .description("Write another format's network as .onnx.")
    .argument('<network>', 'TensorFlow Lite (.tflite), or the .index of a checkpoint of PRNet with its data beside it')
    .argument('<out>', 'file to be written (.onnx)', networkPath)
    .option('-q, --quiet', 'print errors only')
    .action(async (network: string, out: string, flags: ModelsFlags) =>
      (await load()).convertNetwork(network, out, flags),
    )
}

function exportCommand(): Command {
  const command = new Command('export')
    .description('Write models for a web page: float16, named after their content, with the list models.json.')
    .argument('<folder>', 'made when it is missing; models of an earlier export in it are replaced')
    .argument('[ids...]', 'names as `list` gives them, or all (default: mb05, faceboxes and bfm)')
    .option('--offline', 'never use the network')
    .option('-q, --quiet', 'print errors only')
  return withJson(addSourceOptions(command)).action(async (folder: string, ids: string[], flags: ModelsFlags) =>
    (await load()).exportModels(folder, ids, flags),
  )
}

function verifyCommand(): Command {
  const command = new Command('verify')
    .description('Hash models again and compare with what was recorded.')
    .argument('[ids...]', 'names as `list` gives them (default: all that are here)')
  return withJson(addSourceOptions(command)).action(async (ids: string[], flags: ModelsFlags) => {
    process.exitCode = await (await load()).verifyModels(ids, flags)
  })
}

function pathCommand(): Command {
  const command = new Command('path')
    .description('Print where a model is, or where models are kept.')
    .argument('[id]', 'name as `list` gives it')
  return addSourceOptions(command).action(async (id: string | undefined, flags: ModelsFlags) =>
    (await load()).printPath(id, flags),
  )
}

function licencesCommand(): Command {
  const command = new Command('licences').description('List the published files with their sources and licences.')
  return withJson(addSourceOptions(command)).action(async (flags: ModelsFlags) => (await load()).listLicences(flags))
}

function withJson(command: Command): Command {
  return command.option('--json', 'print JSON')
}
