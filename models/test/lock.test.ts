import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { writeAtomically } from '../src/store/files.ts'
import { withLock } from '../src/store/lock.ts'

/** Each removal takes a little longer than the one before: what was looked at is another file by then. */
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>()
  let removals = 0
  const rm: typeof fs.rm = async (path, options) => {
    await sleep(20 * removals++)
    return fs.rm(path, options)
  }
  return { ...fs, rm }
})

it('looks again before it removes the lock of a killed process: another may have taken it over meanwhile', async () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-lock-'))
  const path = join(folder, 'net.lock')
  writeFileSync(path, 'killed\n')
  utimesSync(path, 0, 0)
  // Another process found it first: ours waits until it has removed the old lock.
  writeFileSync(`${path}.stale`, 'other\n')
  const order: string[] = []
  const ours = withLock(path, async () => void order.push('ours'))
  await sleep(50)
  writeFileSync(path, 'other\n')
  rmSync(`${path}.stale`)
  await sleep(500)
  expect(readFileSync(path, 'utf8')).toBe('other\n')
  order.push('other')
  rmSync(path)
  await ours
  expect(order).toEqual(['other', 'ours'])
  rmSync(folder, { recursive: true })
})

it('of several that find the lock of a killed process one alone takes it over', async () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-lock-'))
  const path = join(folder, 'net.lock')
  writeFileSync(path, '1\n')
  utimesSync(path, 0, 0)
  let [inside, most] = [0, 0]
  const body = async () => {
    most = Math.max(most, ++inside)
    await sleep(50)
    inside--
  }
  await Promise.all([withLock(path, body), withLock(path, body), withLock(path, body)])
  expect(most).toBe(1)
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

it('is given back, and a file under way removed, when the process ends meanwhile', async () => {
  const folder = mkdtempSync(join(tmpdir(), '3ddfa-lock-'))
  const before = process.listeners('exit')
  const seen: string[][] = []
  const look = () => seen.push(readdirSync(folder).map((name) => name.replace(/\.\d+\.[0-9a-f]{8}\.tmp$/, '.tmp')))
  await withLock(join(folder, 'net.lock'), () =>
    writeAtomically(join(folder, 'net.onnx'), 'network', async () => {
      look()
      for (const listener of process.listeners('exit')) if (!before.includes(listener)) listener(130)
      look()
      writeFileSync(join(folder, 'other.lock'), 'of another')
    }),
  ).catch(look)
  expect(seen).toEqual([['.net.onnx.tmp', 'net.lock'], [], ['other.lock']])
  expect(process.listeners('exit')).toEqual(before)
  rmSync(folder, { recursive: true })
})
