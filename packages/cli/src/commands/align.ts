import { type FaceAligner, type JsonImage, toAlignResult } from '@3ddfa/core'
import { alignPicture, type PictureOptions } from '../align-picture.ts'
import { type Console, createConsole } from '../console.ts'
import { EXIT, messageOf } from '../errors.ts'
import { type Plan, planRun, type Task } from '../plan.ts'
import {
  adviseLookingCloser,
  describePicture,
  describePoses,
  describeTimings,
  formatJson,
  summarize,
} from '../report.ts'
import { StdoutLines } from '../stdout-lines.ts'
import type { AlignFlags } from './align-command.ts'
import { withEngine } from './with-engine.ts'

type Settings = AlignFlags & PictureOptions

/** Aligns all pictures, one after the other. @returns the exit code. */
export async function align(args: readonly string[], flags: AlignFlags): Promise<number> {
  const console = createConsole(flags)
  const outputs = flags.outputs ?? (flags.json || flags.jsonl ? [] : (['2d_sparse'] as const))
  const plan = await planRun(args, { ...flags, outputs })
  for (const { message } of plan.problems) console.error(message)
  return withEngine(flags, async ({ aligner, surface }) => {
    const start = performance.now()
    const stdout = new StdoutLines(outputs.length > 0)
    const images = await alignAll(plan, aligner, { ...flags, surface }, stdout, console)
    if (flags.json) await stdout.write(formatJson(toAlignResult(aligner, images)).trimEnd())
    stdout.release()
    console.info(summarize(images, performance.now() - start))
    return images.some(({ error }) => error !== undefined) ? EXIT.someFailed : EXIT.ok
  })
}

async function alignAll(
  plan: Plan,
  aligner: FaceAligner,
  settings: Settings,
  stdout: StdoutLines,
  console: Console,
): Promise<JsonImage[]> {
  const images: JsonImage[] = []
  const add = async (image: JsonImage): Promise<void> => {
    images.push(image)
    if (settings.jsonl) await stdout.write(JSON.stringify(toAlignResult(aligner, [image])))
  }
  for (const { input, message } of plan.problems) await add({ file: input, error: message })
  await console.withProgress(plan.tasks.length, 'pictures', async (progress) => {
    for (const [i, task] of plan.tasks.entries()) {
      if (plan.tasks.length > 1) progress.update(i, task.input)
      await add(await alignOne(task, plan, aligner, settings, console))
    }
  })
  return images
}

/** A picture that fails becomes an entry that says why: it does not stop the others. */
async function alignOne(
  task: Task,
  { outputs }: Plan,
  aligner: FaceAligner,
  settings: Settings,
  console: Console,
): Promise<JsonImage> {
  try {
    const { entry, notes } = await alignPicture(task, outputs, aligner, settings)
    for (const note of notes) console.warn(note)
    console.info(describePicture(entry))
    const detectSize = settings.detector === 'ultraface' ? Infinity : settings.detectSize
    const advice = adviseLookingCloser(entry, detectSize, settings.anyRoll)
    if (advice !== undefined) console.info(advice)
    if (outputs.includes('pose')) for (const line of describePoses(entry)) console.info(line)
    console.detail(describeTimings(entry))
    return entry
  } catch (error) {
    console.error(messageOf(error))
    return { file: task.input, error: messageOf(error) }
  }
}
