import { checkBackends } from '../checks/backends.ts'
import type { Check } from '../checks/check.ts'
import { checkImages } from '../checks/images.ts'
import { checkModels } from '../checks/models.ts'
import { checkRuntime } from '../checks/runtime.ts'
import { checkVideo } from '../checks/video.ts'
import { EXIT } from '../errors.ts'
import type { DoctorFlags } from './doctor-command.ts'

/** Runs all checks one after the other, prints them on stdout, and returns the exit code. */
export async function doctor(flags: DoctorFlags): Promise<number> {
  const checks: Check[] = []
  const print = (line: string) => flags.json || process.stdout.write(`${line}\n`)
  for (const [title, run] of groups(flags)) {
    print(title)
    for await (const check of run()) {
      checks.push({ ...check, group: title })
      print(`  ${check.ok ? 'ok' : 'no'}  ${check.name}: ${check.detail}`)
    }
  }
  const missing = checks.filter((check) => check.needed && !check.ok)
  const canAlign = missing.length === 0 && checks.some((check) => check.group === 'Mesh backends' && check.ok)
  if (flags.json) process.stdout.write(`${JSON.stringify({ canAlign, checks }, null, 2)}\n`)
  print(
    canAlign
      ? `\`3ddfa align\` can run here, ${withModels(checks)}.`
      : `\`3ddfa align\` cannot run here yet: ${reasons(missing)}`,
  )
  return canAlign ? EXIT.ok : EXIT.someFailed
}

function withModels(checks: readonly Check[]): string {
  const used = checks.filter(({ group, needed }) => group === 'Models' && needed).map(({ name }) => name)
  return used.some((name) => name.startsWith('open '))
    ? 'with the open model pack; bring the published models with: 3ddfa models pull'
    : `with the models ${used.join(', ')}`
}

function groups(flags: DoctorFlags): [string, () => AsyncIterable<Omit<Check, 'group'>>][] {
  return [
    ['Runtime', checkRuntime],
    ['Pictures', checkImages],
    ['Mesh backends', checkBackends],
    ['Models', () => checkModels(flags)],
    ['Video', checkVideo],
  ]
}

function reasons(missing: readonly Check[]): string {
  return missing.length === 0
    ? 'no mesh backend works.'
    : `${missing.map(({ name }) => name).join(', ')} missing or broken.`
}
