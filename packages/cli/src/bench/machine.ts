import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import type { NodeRuntime } from '@3ddfa/inference/node'
import { version } from '../../package.json' with { type: 'json' }
import { tryRuntime } from '../runtimes.ts'

/** What a result was measured on. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  /** GiB. */
  readonly memory: number
  readonly system: string
  readonly versions: Readonly<Record<string, string>>
}

/** @param runtimes those that were measured. */
export async function describeMachine(runtimes: readonly NodeRuntime[]): Promise<Machine> {
  const { default: sharp } = await import('sharp')
  const tried = await Promise.all(runtimes.map(tryRuntime))
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: `${platform()} ${release()} ${arch()}`,
    versions: {
      '@3ddfa/cli': version,
      node: process.versions.node,
      ...Object.fromEntries(tried.map(({ runtime, runtimeVersion }) => [runtime, runtimeVersion])),
      libvips: sharp.versions.vips,
    },
  }
}

/** Mean number of processes that wanted a core in the last minute; above the number of cores times are too long. */
export function currentLoad(): number {
  return Math.round(loadavg()[0]! * 100) / 100
}
