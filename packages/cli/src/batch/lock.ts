import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { CliError, EXIT, systemReason } from '../errors.ts'

const LOCK = /^\.3ddfa-batch-(\d+)-(\d+)@(.+)\.lock$/

/**
 * Keeps other runs out of a folder. Each run first puts a file there whose name says who it is, then looks for others': of two
 * that come at once at least one sees the other and goes. There is no content that a kill could leave half-written, and a
 * lock whose process is gone holds nobody up.
 * @param afterCrash called when a run before ended without `release`; its lock goes when that is done.
 * @returns `release`.
 * @throws {CliError} when another run is at work there.
 */
export async function lockFolder(folder: string, afterCrash: () => Promise<void>): Promise<() => void> {
  const own = `.3ddfa-batch-${process.pid}-${startOf(process.pid)}@${encodeURIComponent(hostname())}.lock`
  try {
    writeFileSync(join(folder, own), '')
  } catch (error) {
    throw new CliError(`Nothing can be written in ${folder}: ${systemReason(error)}.`, EXIT.usage)
  }
  const release = () => rmSync(join(folder, own), { force: true })
  try {
    const others = readdirSync(folder).filter((name) => LOCK.test(name) && name !== own)
    for (const name of others) if (!isGone(name)) throw new CliError(describeOwner(folder, name), EXIT.usage)
    if (others.length > 0) await afterCrash()
    for (const name of others) rmSync(join(folder, name), { force: true })
  } catch (error) {
    release()
    throw error
  }
  return release
}

/** Of another machine's process nobody here can say that it is gone. */
function isGone(name: string): boolean {
  const [, pid, start, host] = LOCK.exec(name)!
  if (host !== encodeURIComponent(hostname())) return false
  if (Number(pid) === process.pid || !isRunning(Number(pid))) return true
  return startOf(Number(pid)) !== start
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, so that another one with its number is not taken for it; 0 where the system does not tell. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // After the name in parentheses, which may hold anything: state, then 18 other numbers, then the start (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : fields[19]!
  } catch {
    return '0'
  }
}

function describeOwner(folder: string, name: string): string {
  const [, pid, , host] = LOCK.exec(name)!
  return `Another run is at work in ${folder} (process ${pid} on ${decoded(host!)}); wait for it or give another --out. If it is no more, remove ${join(folder, name)}.`
}

function decoded(host: string): string {
  try {
    return decodeURIComponent(host)
  } catch {
    return host // no run of ours wrote it
  }
}
