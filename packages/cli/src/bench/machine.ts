import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { version } from '../../package.json' with { type: 'json' }
import type { WorkingRuntime } from '../runtimes.ts'

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
export async function describeMachine(runtimes: readonly WorkingRuntime[]): Promise<Machine> {
  const { default: sharp } = await import('sharp')
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: `${platform()} ${release()} ${arch()}`,
    versions: {
      '@3ddfa/cli': version,
      node: process.versions.node,
      ...Object.fromEntries(runtimes.map(({ runtime, runtimeVersion }) => [runtime, runtimeVersion])),
      libvips: sharp.versions.vips,
    },
  }
}

/** Mean number of processes that wanted a core in the last minute; above the number of cores times are too long. */
export function currentLoad(): number {
  return Math.round(loadavg()[0]! * 100) / 100
}
