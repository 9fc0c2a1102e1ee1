import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, EXIT, systemReason } from '../errors.ts'

/** Process, when it started, where its number counts, and the machine. */
const LOCK = /^\.3ddfa-batch-(\d+)-(\d+)-(\d+)@(.+)\.lock$/

/** Milliseconds between two signs of life. */
const BEAT = 5_000

/** Beats after which a run of another machine that gave no sign is gone. */
const PATIENCE = 4

/** A run's hold on a folder. */
export interface FolderLock {
  /** @throws {CliError} when another run has taken the folder over, since this one gave no sign of life (a machine that slept). */
  check(): void
  release(): void
}

interface LockOptions {
  /** Hears why it takes a while. */
  readonly tell?: (message: string) => void
  readonly beat?: number
}

/**
 * Keeps other runs out of a folder. Each run first puts a file there whose name says who it is, then looks for others': of two
 * that come at once at least one sees the other and goes. There is no content that a kill could leave half-written, and a
 * lock whose process is gone holds nobody up: of processes that are in sight the system knows, those of other machines and containers
 * give signs of life.
 * @param afterCrash called when a run before ended without `release`; its lock goes when that is done.
 * @throws {CliError} when another run is at work there.
 */
export async function lockFolder(
  folder: string,
  afterCrash: () => Promise<void>,
  { tell = () => {}, beat = BEAT }: LockOptions = {},
): Promise<FolderLock> {
  const own = `.3ddfa-batch-${process.pid}-${startOf(process.pid)}-${numbering()}@${encodeURIComponent(hostname())}.lock`
  try {
    writeFileSync(join(folder, own), '')
  } catch (error) {
    throw new CliError(`Nothing can be written in ${folder}: ${systemReason(error)}.`, EXIT.usage)
  }
  const heart = setInterval(() => signOfLife(join(folder, own)), beat).unref()
  const release = () => {
    clearInterval(heart)
    rmSync(join(folder, own), { force: true })
  }
  const check = () => {
    if (lastSign(join(folder, own)) === undefined)
      throw new CliError(`Another run has taken ${folder} over, since this one gave no sign of life for too long.`)
  }
  try {
    const others = readdirSync(folder).filter((name) => LOCK.test(name) && name !== own)
    for (const name of others)
      if (!(isGone(name) ?? (await isSilent(folder, name, tell, beat))))
        throw new CliError(`${describeOwner(folder, name)}; wait for it or give another --out.`, EXIT.usage)
    if (others.length > 0) await afterCrash()
    for (const name of others) rmSync(join(folder, name), { force: true })
  } catch (error) {
    release()
    throw error
  }
  return { check, release }
}

/** Of the processes that this one sees: Linux' namespace of their numbers, 0 elsewhere. */
function numbering(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0]
  } catch {
    return '0'
  }
}

/** A process of another machine gives no sign. Clocks may differ between machines: what counts is that its file changes. */
async function isSilent(folder: string, name: string, tell: (message: string) => void, beat: number): Promise<boolean> {
  const last = lastSign(join(folder, name))
  const seconds = (PATIENCE * beat) / 1000
  tell(`${describeOwner(folder, name)}, or was when it was killed; waiting ${seconds} s for a sign of it.`)
  for (let i = 0; i < 2 * PATIENCE; i++) {
    await sleep(beat / 2)
    const sign = lastSign(join(folder, name))
    if (sign === undefined) return true
    if (sign !== last) return false
  }
  return true
}

/** When a file was last written to; undefined when it is gone. Opened anew if it may be, as network file systems then ask their server. */
function lastSign(path: string): number | undefined {
  return (withFile<Stats>(path, 'r', fstatSync) ?? statSync(path, { throwIfNoEntry: false }))?.mtimeMs
}

/** Never makes the file anew: another run may have taken it away. */
function signOfLife(path: string): void {
  withFile(path, 'r+', (descriptor) => writeSync(descriptor, '.', 0))
}

function withFile<T>(path: string, flags: string, use: (descriptor: number) => T): T | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, flags)
    return use(descriptor)
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** Undefined where the system does not tell: of processes out of sight, and of one that may be another with that number. */
function isGone(name: string): boolean | undefined {
  const [, pid, start, where, host] = LOCK.exec(name)!
  // Containers may share a machine's name.
  if (where !== numbering() || host !== encodeURIComponent(hostname())) return undefined
  if (Number(pid) === process.pid || !isRunning(Number(pid))) return true
  return start === UNKNOWN ? undefined : startOf(Number(pid)) !== start
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const UNKNOWN = '0'

/** When a process started, so that another one with its number is not taken for it; `UNKNOWN` where the system does not tell. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // After the name in parentheses, which may hold anything: state, then 18 other numbers, then the start (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : fields[19]!
  } catch {
    return UNKNOWN
  }
}

function describeOwner(folder: string, name: string): string {
  const [, pid, , , host] = LOCK.exec(name)!
  return `Another run is at work in ${folder} (process ${pid} on ${decoded(host!)})`
}

function decoded(host: string): string {
  try {
    return decodeURIComponent(host)
  } catch {
    return host // no run of ours wrote it
  }
}
