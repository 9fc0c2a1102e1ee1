import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { lockFolder } from './lock.ts'

const isLinux = process.platform === 'linux'
const parent = mkdtempSync(join(tmpdir(), '3ddfa-lock-'))
afterAll(() => rmSync(parent, { recursive: true, force: true }))
let folder = ''
let count = 0
beforeEach(() => {
  folder = join(parent, `${count++}`)
  mkdirSync(folder)
})
const host = encodeURIComponent(hostname())
/** Of the processes that this one sees. */
const numbers = isLinux ? /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0] : '0'

it('is there while it is held, and gone afterwards', async () => {
  const afterCrash = vi.fn(async () => {})
  const { release } = await lockFolder(folder, afterCrash)
  expect(readdirSync(folder)).toHaveLength(1)
  release()
  expect(readdirSync(folder)).toEqual([])
  expect(afterCrash).not.toHaveBeenCalled()
})

it('keeps out a second run while the first lives, and lets it in after the first was killed', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(other, 'spawn')
  const start = await startTime(other.pid!)
  writeFileSync(join(folder, `.3ddfa-batch-${other.pid}-${start}-${numbers}@${host}.lock`), '')
  await expect(lockFolder(folder, async () => {})).rejects.toThrow(`(process ${other.pid} on ${hostname()})`)
  expect(readdirSync(folder)).toHaveLength(1)

  other.kill('SIGKILL')
  await once(other, 'exit')
  const seen: number[] = []
  const { release } = await lockFolder(folder, async () => void seen.push(readdirSync(folder).length))
  // Until it is cleaned up, the next one must still see that there was a crash.
  expect(seen).toEqual([2])
  expect(readdirSync(folder)).toHaveLength(1)
  release()
})

const why = isLinux ? '' : ' (skipped: only Linux tells when a process began)'
it.skipIf(!isLinux)(`takes no other process for the owner because it has its number${why}`, async () => {
  writeFileSync(join(folder, `.3ddfa-batch-${process.ppid}-1-${numbers}@${host}.lock`), '')
  const { release } = await lockFolder(folder, async () => {})
  expect(readdirSync(folder)).toHaveLength(1)
  release()
})

const beat = 40

it.each([
  ['.3ddfa-batch-1-1-1@else%2Fwhere.lock', '(process 1 on else/where); wait for it or give another --out.'],
  ['.3ddfa-batch-1-1-1@%zz.lock', '(process 1 on %zz); wait for it or give another --out.'],
])('keeps out a second run while the first lives on another machine: %s', async (name, message) => {
  writeFileSync(join(folder, name), '')
  const heart = setInterval(() => writeFileSync(join(folder, name), '.'), beat)
  await expect(lockFolder(folder, async () => {}, { beat })).rejects.toThrow(message)
  clearInterval(heart)
  expect(readdirSync(folder)).toEqual([name])
})

it.each([
  ['of a container that has the name of this machine', `.3ddfa-batch-${process.ppid}-1-1@${host}.lock`],
  ['where the system does not tell when processes began', `.3ddfa-batch-${process.ppid}-0-${numbers}@${host}.lock`],
])('asks a process for a sign of life too %s', async (_, name) => {
  writeFileSync(join(folder, name), '')
  const heart = setInterval(() => writeFileSync(join(folder, name), '.'), beat)
  await expect(lockFolder(folder, async () => {}, { beat })).rejects.toThrow('Another run is at work')
  clearInterval(heart)
  const { release } = await lockFolder(folder, async () => {}, { beat })
  release()
})

it('tells a run that its folder was taken over', async () => {
  const { check, release } = await lockFolder(folder, async () => {})
  check()
  rmSync(join(folder, readdirSync(folder)[0]!))
  expect(check).toThrow(`Another run has taken ${folder} over, since this one gave no sign of life for too long.`)
  release()
})

it('lets it in when nothing is heard from the other machine, and says why it waits', async () => {
  const [told, afterCrash] = [vi.fn(), vi.fn(async () => {})]
  writeFileSync(join(folder, '.3ddfa-batch-1-1-1@pod-1.lock'), '')
  const { release } = await lockFolder(folder, afterCrash, { beat, tell: told })
  expect(told.mock.calls).toEqual([
    [
      `Another run is at work in ${folder} (process 1 on pod-1), or was when it was killed; waiting 0.16 s for a sign of it.`,
    ],
  ])
  expect(afterCrash).toHaveBeenCalledOnce()
  expect(readdirSync(folder)).toHaveLength(1)
  release()
})

it('lets it in at once when the other machine is done', async () => {
  const other = join(folder, '.3ddfa-batch-1-1-1@pod-1.lock')
  writeFileSync(other, '')
  setTimeout(() => rmSync(other), 10)
  const { release } = await lockFolder(folder, async () => {}, { beat: 50 })
  release()
})

it('gives signs of life itself, and none when its file was taken away', async () => {
  const { release } = await lockFolder(folder, async () => {}, { beat: 5 })
  const own = join(folder, readdirSync(folder)[0]!)
  const signs = new Set<number>()
  await vi.waitFor(() => expect(signs.add(statSync(own).mtimeMs).size).toBeGreaterThan(2))
  rmSync(own)
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(readdirSync(folder)).toEqual([])
  release()
})

it('stays after a failed clean-up', async () => {
  const stale = `.3ddfa-batch-${2 ** 30}-1-${numbers}@${host}.lock`
  writeFileSync(join(folder, stale), '')
  await expect(lockFolder(folder, () => Promise.reject(new Error('full')))).rejects.toThrow('full')
  expect(readdirSync(folder)).toEqual([stale])
})

async function startTime(pid: number): Promise<string> {
  if (process.platform !== 'linux') return '0'
  const { readFileSync } = await import('node:fs')
  return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')[19]!
}
