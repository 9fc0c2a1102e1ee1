import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Lockfile {
  readonly packages: Record<string, { readonly os?: string[]; readonly cpu?: string[] }>
  readonly snapshots: Record<string, { readonly optionalDependencies?: Record<string, string> }>
}

const PLATFORMS = [
  ['darwin', 'arm64'],
  ['win32', 'x64'],
  ['linux', 'arm64'],
] as const

describe('pnpm-lock.yaml', () => {
  const { packages, snapshots }: Lockfile = parse(readFileSync(new URL('../pnpm-lock.yaml', import.meta.url), 'utf8'))
  const isFor = (id: string, os: string, cpu: string) =>
    packages[id]?.os?.includes(os) && packages[id].cpu?.includes(cpu)

  /** A package's binaries for `os` and `cpu`. */
  const binaries = (name: string, os: string, cpu: string) =>
    Object.entries(snapshots[name]?.optionalDependencies ?? {}).filter(([id, version]) =>
      isFor(`${id}@${version.split('(', 1)[0]}`, os, cpu),
    )

  // Where a registry has not got a release's every binary yet, pnpm leaves them out of the lockfile without a word.
  const natives = Object.keys(snapshots).filter(
    (name) => !packages[name]?.os && binaries(name, 'linux', 'x64').length > 0,
  )

  it('knows packages with binaries', () => expect(natives.length).toBeGreaterThan(5))

  it.each(natives)('%s has binaries for macOS, Windows and Arm', (name) => {
    for (const [os, cpu] of PLATFORMS) expect(binaries(name, os, cpu), `${os} ${cpu}`).not.toEqual([])
  })
})
