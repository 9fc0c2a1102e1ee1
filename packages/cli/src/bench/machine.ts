import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { version } from '../../package.json' with { type: 'json' }

/** What a result was measured on. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  /** GiB. */
  readonly memory: number
  readonly system: string
  readonly versions: Readonly<Record<string, string>>
}

export async function describeMachine(): Promise<Machine> {
  const [{ default: sharp }, { default: runtime }] = await Promise.all([
    import('sharp'),
    import('onnxruntime-node/package.json', { with: { type: 'json' } }),
  ])
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: `${platform()} ${release()} ${arch()}`,
    versions: {
      '@3ddfa/cli': version,
      node: process.versions.node,
      'onnxruntime-node': runtime.version,
      libvips: sharp.versions.vips,
    },
  }
}

/** Mean number of processes that wanted a core in the last minute; above the number of cores times are too long. */
export function currentLoad(): number {
  return Math.round(loadavg()[0]! * 100) / 100
}
