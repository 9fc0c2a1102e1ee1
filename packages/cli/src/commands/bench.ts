import type { ModelStore } from '@3ddfa/models/node'
import { BACKENDS, type BackendId } from '../backends.ts'
import { benchChart, historyChart } from '../bench/bench-chart.ts'
import { commandLine } from '../bench/command-line.ts'
import { appendRun, checkHistory, describeHistory, readRuns } from '../bench/history.ts'
import { denseHeadStages, imageStages } from '../bench/image-stages.ts'
import { Lab } from '../bench/lab.ts'
import { currentLoad, describeMachine } from '../bench/machine.ts'
import { measureInTurns } from '../bench/measure.ts'
import { measureProcesses } from '../bench/processes.ts'
import { type BenchReport, ratiosOf, resultsOf, type StageTimes } from '../bench/report.ts'
import { benchMarkdown, describeBench } from '../bench/report-text.ts'
import { type Choices, combine, ENGINE } from '../bench/setting.ts'
import type { Stage } from '../bench/stage.ts'
import { readClip, videoStages } from '../bench/video-stages.ts'
import { type Console, createConsole } from '../console.ts'
import { DETECTOR_CHOICES, type DetectorChoice } from '../detector-names.ts'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { OPEN_MODEL, type SettledModels, settleModels } from '../model-choice.ts'
import { RUNTIMES, tryRuntime, type WorkingRuntime } from '../runtimes.ts'
import { openStore } from '../store.ts'
import type { BenchFlags, BenchFormat } from './bench-command.ts'

/** Measures photographs. @returns the exit code. */
export function benchImages(paths: readonly string[], flags: BenchFlags): Promise<number> {
  return run(flags, async (lab, choices, console) => {
    const pictures = await lab.pictures(paths, combine(choices, [])[0]!, flags.maxPixels)
    const stages = (flags.view === 'dense-head' ? denseHeadStages : imageStages)(lab, pictures)
    const times = await measureStages(stages, choices, flags, console)
    const settings = combine(choices, ENGINE)
    const isAsked = flags.processes > 0 && flags.view === 'stages' && isWanted(PROCESSES, flags)
    const processes = isAsked
      ? await measureProcesses(settings, { ...flags, model: lab.model, picture: paths[0]!, runs: flags.processes })
      : []
    const described = pictures.map(
      ({ path, image, faces }) => `${path} (${image.width} x ${image.height}, ${faces.length} faces)`,
    )
    return { times, processes, conditions: { pictures: described, ...modelsOf(lab.model, flags) } }
  })
}

/** Measures a video. @returns the exit code. */
export function benchVideo(path: string, flags: BenchFlags): Promise<number> {
  return run(flags, async (lab, choices, console) => {
    const clip = await readClip(path, flags.frames)
    const times = await measureStages(videoStages(lab, clip), choices, flags, console)
    const video = `${path} (${clip.width} x ${clip.height}, ${clip.frames.length} frames)`
    return { times, processes: [], conditions: { video, ...modelsOf(lab.model, flags) } }
  })
}

/** Shows the runs that `--save` has gathered. @returns the exit code. */
export async function benchHistory(path: string, format: BenchFormat): Promise<number> {
  const runs = readRuns(path)
  if (format === 'json') process.stdout.write(`${JSON.stringify(runs, null, 2)}\n`)
  else process.stdout.write(format === 'svg' ? await historyChart(runs) : describeHistory(runs, format))
  return EXIT.ok
}

/** What all settings have in common. */
function modelsOf(model: string, { detectSize }: BenchFlags): BenchReport['conditions'] {
  return { model, ...(detectSize !== undefined && { 'detect size': detectSize }) }
}

type Measurement = Pick<BenchReport, 'conditions' | 'processes'> & { readonly times: readonly StageTimes[] }

async function run(
  flags: BenchFlags,
  measure: (lab: Lab, choices: Choices, console: Console) => Promise<Measurement>,
): Promise<number> {
  const console = createConsole(flags)
  // Now, not after minutes of measuring.
  if (flags.save !== undefined) checkHistory(flags.save)
  const store = openStore(flags, console, { offline: true })
  const settled = await settleModels({ model: flags.model }, store, console)
  const runtimes = await chooseRuntimes(flags.runtime, console)
  const choices: Choices = {
    backend: await chooseBackends(flags.backend, console),
    detector: await chooseDetectors(flags.detector, settled, store, console),
    runtime: runtimes.map(({ runtime }) => runtime),
    threads: flags.threads,
    batch: flags.batch,
  }
  const lab = new Lab(store, { model: settled.model, detectSize: flags.detectSize }, console)
  const before = currentLoad()
  try {
    const { times, processes, conditions } = await measure(lab, choices, console)
    const report: BenchReport = {
      schema: '3ddfa.bench',
      version: 1,
      date: new Date().toISOString(),
      command: commandLine(process.argv.slice(2)),
      machine: await describeMachine(runtimes),
      load: [before, currentLoad()],
      conditions: { ...conditions, 'seconds a setting': flags.seconds, 'least rounds': flags.rounds },
      results: times.flatMap(resultsOf),
      ratios: times.flatMap(ratiosOf),
      processes,
    }
    // First what took minutes, then what may fail.
    process.stdout.write(await format(report, flags.format))
    if (flags.save !== undefined) appendRun(flags.save, report)
    return EXIT.ok
  } finally {
    await lab.dispose()
  }
}

function format(report: BenchReport, kind: BenchFormat): string | Promise<string> {
  if (kind === 'json') return `${JSON.stringify(report, null, 2)}\n`
  return kind === 'svg' ? benchChart(report) : kind === 'md' ? benchMarkdown(report) : describeBench(report)
}

/** Cold start and memory, as a name for `--stage`. */
const PROCESSES = 'processes'

function isWanted(name: string, { stage }: BenchFlags): boolean {
  return !stage || stage.some((start) => name.startsWith(start))
}

async function measureStages(
  all: readonly Stage[],
  choices: Choices,
  flags: BenchFlags,
  console: Console,
): Promise<StageTimes[]> {
  const stages = all.filter(({ name }) => isWanted(name, flags))
  if (stages.length === 0 && !isWanted(PROCESSES, flags)) {
    const names = [...all.map(({ name }) => name), PROCESSES]
    throw new CliError(`There is no such stage; there are: ${names.join('; ')}.`, EXIT.usage)
  }
  return console.withProgress(stages.length, 'stages', async (progress) => {
    const times: StageTimes[] = []
    for (const { name, dependsOn, prepare } of stages) {
      progress.update(times.length, name)
      const settings = combine(choices, dependsOn)
      const things = []
      for (const setting of settings) things.push(await prepare(setting))
      const measured = await measureInTurns(things, { seconds: flags.seconds, leastRounds: flags.rounds })
      times.push({ stage: name, dependsOn, settings, times: measured })
    }
    return times
  })
}

/** `all` are those that work here, `auto` the first of them. */
async function chooseBackends(list: string, console: Console): Promise<BackendId[]> {
  if (list !== 'all' && list !== 'auto')
    return choose(
      list,
      BACKENDS.map(({ id }) => id),
      'mesh backend',
    )
  const working: BackendId[] = []
  for (const { id, create } of BACKENDS) {
    if (list === 'auto' && working.length > 0) break
    try {
      ;(await create()).dispose()
      working.push(id)
    } catch (error) {
      console.warn(`The mesh backend ${id} does not work here and is left out: ${messageOf(error)}`)
    }
  }
  return working
}

/** `all` are those that work here, `auto` the first of them. */
async function chooseRuntimes(list: string, console: Console): Promise<WorkingRuntime[]> {
  if (list === 'auto') return [await tryRuntime()]
  const working: WorkingRuntime[] = []
  for (const runtime of list === 'all' ? RUNTIMES : choose(list, RUNTIMES, 'runtime')) {
    try {
      working.push(await tryRuntime(runtime))
    } catch (error) {
      if (list !== 'all') throw new CliError(messageOf(error), EXIT.usage)
      console.warn(`The runtime ${runtime} does not work here and is left out: ${messageOf(error)}`)
    }
  }
  return working
}

/** `all` are those whose models are here. */
async function chooseDetectors(
  list: string | undefined,
  model: SettledModels,
  store: ModelStore,
  console: Console,
): Promise<DetectorChoice[]> {
  if (list === undefined) return [model.detector]
  if (list !== 'all') return choose(list, DETECTOR_CHOICES, 'detector')
  const ready = (await store.list())
    .filter(({ state }) => state === 'ready')
    .map(({ artifact }) => artifact.id as string)
  const isHere = (name: DetectorChoice): boolean => name === OPEN_MODEL || ready.includes(name)
  const missing = DETECTOR_CHOICES.filter((name) => !isHere(name))
  if (missing.length > 0) console.warn(`Left out, since their models are not here: ${missing.join(', ')}.`)
  return DETECTOR_CHOICES.filter(isHere)
}

function choose<T extends string>(list: string, known: readonly T[], what: string): T[] {
  const names = [...new Set(list.split(',').map((name) => name.trim()))]
  const unknown = names.find((name) => name !== 'all' && !known.includes(name as T))
  if (unknown !== undefined)
    throw new CliError(`There is no ${what} "${unknown}"; there are ${known.join(', ')}, or all.`, EXIT.usage)
  if (names.includes('all' as T)) throw new CliError(`Expected all alone, or names of a ${what}, not both.`, EXIT.usage)
  return names as T[]
}
