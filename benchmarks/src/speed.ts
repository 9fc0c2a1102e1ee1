// Speed of every stage on one photograph, one thread and two, beside the Python reference when it is given:
//   pnpm --filter @3ddfa/benchmarks speed PHOTO [--reference FOLDER --python INTERPRETER] [--save]
import { execFileSync } from 'node:child_process'
import { arch, cpus, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  createRenderTarget,
  createUvChart,
  type Face,
  type FaceAligner,
  type ImageView,
  LIGHT_DEFAULTS,
  renderDepth,
  renderPncc,
  renderShaded,
  uvTexture,
  vertexColors,
  writeObj,
  writePly,
} from '@3ddfa/core'
import { coldStart } from './cold-start.ts'
import { openAligner } from './compose.ts'
import { readImage, typedPath } from './data.ts'
import { measure, summarize, type Timing } from './measure.ts'
import { saveResult } from './results.ts'

export type Table = Record<string, Timing>

/** Milliseconds of each stage, on one canvas and one array of vertices. */
async function measureStages(aligner: FaceAligner, image: ImageView): Promise<Table> {
  const { backend, model, detector, regressor } = aligner
  const faces = await aligner.align(image, { dense: true })
  const [face] = faces as [Required<Face>]
  const mesh = { vertices: face.vertices, triangles: model.triangles }
  const canvas = { ...image, data: new Uint8Array(image.data) }
  const height = image.height
  const vertices = new Float32Array(face.vertices.length)
  const crop = { data: new Uint8Array(120 * 120 * 3), width: 120, height: 120, channels: 3 as const }
  const textured = { ...mesh, colors: vertexColors(image, face.vertices) }
  const chart = createUvChart(model, 256, backend)
  const time = (body: () => unknown): Promise<Timing> => measure(body, { budget: 800 })
  return {
    detect: await time(() => detector!.detect(image)),
    'regress, one face': await time(() => regressor.regress([crop])),
    'sparse align of one known face': await time(() => aligner.align(image, { rois: [face.roi] })),
    'dense decode, one face': await time(() => aligner.vertices(face, vertices)),
    'shaded face (normals, light, rasterise, shade)': await time(() => renderShaded(canvas, [face], model, backend)),
    '  of it normals': await time(() => backend.vertexNormals(mesh, vertices)),
    '  of it light': await time(() => backend.light(mesh, face.vertices, LIGHT_DEFAULTS, vertices)),
    '  of it rasterise': await time(() => backend.rasterize(mesh, createRenderTarget(image, [mesh.vertices]))),
    'depth, one face': await time(() => renderDepth(canvas, [face], model, backend)),
    'pncc, one face': await time(() => renderPncc(canvas, [face], model, backend)),
    'uv texture 256, one face': await time(() => uvTexture(image, face.vertices, model, backend, { chart })),
    'ply, one face': await time(() => writePly([mesh], { height })),
    'obj with colours, one face': await time(() => writeObj([textured], { height })),
    'whole still image (detect to shaded picture)': await time(async () => {
      const found = await aligner.align(image, { dense: true })
      canvas.data.set(image.data)
      renderShaded(canvas, found, model, backend)
    }),
  }
}

/** Our stage -> the reference's that does the same. */
const REFERENCE_STAGES: Readonly<Record<string, string>> = {
  detect: 'detect',
  'dense decode, one face': 'dense',
  'shaded face (normals, light, rasterise, shade)': 'render, one face',
  'depth, one face': 'depth, one face',
  'pncc, one face': 'pncc, one face',
  'uv texture 256, one face': 'uv texture, one face',
  'ply, one face': 'ply, one face',
  'obj with colours, one face': 'obj, one face',
  'whole still image (detect to shaded picture)': 'whole still image',
}

function measureReference(python: string, folder: string, photo: string, threads: number): Table {
  const driver = fileURLToPath(new URL('../python/reference.py', import.meta.url))
  const output = execFileSync(python, [driver, folder, photo, '--threads', String(threads), '--rounds', '20'], {
    encoding: 'utf8',
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1e8,
  })
  const { stages, faces } = JSON.parse(output) as { stages: Record<string, number[]>; faces: number }
  // It decodes all faces of the picture in one call.
  return Object.fromEntries(
    Object.entries(stages).map(([stage, times]) => [
      stage,
      summarize(stage === 'dense' ? times.map((t) => t / faces) : times),
    ]),
  )
}

function markdown(ours: readonly Table[], theirs: readonly (Table | undefined)[]): string {
  const head = theirs[0]
    ? ['stage', 'ours, 1 thread', 'reference', 'ratio', 'ours, 2 threads', 'reference', 'ratio']
    : ['stage', '1 thread', '2 threads']
  const rows = Object.keys(ours[0]!).map((stage) => {
    const cells = ours.flatMap((table, i) => {
      const own = table[stage]!.median
      const other = theirs[i]?.[REFERENCE_STAGES[stage] ?? '']?.median
      return theirs[0]
        ? [own.toFixed(2), other?.toFixed(2) ?? '', other ? `${(other / own).toFixed(1)}x` : '']
        : [own.toFixed(2)]
    })
    return [stage.replace(/^ +/, '— '), ...cells]
  })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** What one run of this file finds. */
export interface SpeedRun {
  readonly date: string
  readonly machine: string
  readonly picture: string
  /** For one thread and for two. */
  readonly ours: readonly Table[]
  readonly theirs: readonly (Table | undefined)[]
  readonly start: { readonly milliseconds: number; readonly mebibytes: number; readonly runs: number }
}

export async function measureSpeed(photo: string, reference?: { folder: string; python: string }): Promise<SpeedRun> {
  const image = await readImage(photo)
  const ours: Table[] = []
  const theirs: (Table | undefined)[] = []
  for (const threads of [1, 2]) {
    const aligner = await openAligner({ threads })
    ours.push(await measureStages(aligner, image))
    await aligner.dispose()
    theirs.push(reference ? measureReference(reference.python, reference.folder, photo, threads) : undefined)
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    picture: `${image.width} x ${image.height}`,
    ...{ ours, theirs, start: await coldStart(photo) },
  }
}

export function describeMachine(): string {
  return `${cpus()[0]!.model.trim()}, ${cpus().length} cores, ${arch()}, Linux ${release().split('-')[0]}, Node ${process.version}`
}

export function describeSpeed({ date, machine, picture, ours, theirs, start }: SpeedRun): string {
  return [
    `${picture}, medians in milliseconds; ${machine}; ${date}.`,
    '',
    markdown(ours, theirs),
    '',
    `A new process for one picture (\`3ddfa align -o json\`): ${start.milliseconds.toFixed(0)} ms, at most ${start.mebibytes.toFixed(0)} MiB (median of ${start.runs}).`,
  ].join('\n')
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      reference: { type: 'string' },
      python: { type: 'string', default: 'python3' },
      save: { type: 'boolean' },
    },
  })
  const photo = typedPath(positionals[0] ?? 'photo.jpg')
  const { reference, python } = values
  const run = await measureSpeed(photo, reference === undefined ? undefined : { folder: typedPath(reference), python })
  console.log(describeSpeed(run))
  if (values.save) saveResult('speed', run)
}

if (process.argv[1]?.endsWith('speed.ts') && !process.argv[1].endsWith('tracking-speed.ts')) await main()
