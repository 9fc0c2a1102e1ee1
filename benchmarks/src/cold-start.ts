import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { summarize } from './measure.ts'

const RUNS = 7

/** Wall time and peak memory (Linux) of a whole `3ddfa align` process, the models ready. */
export async function coldStart(photo: string): Promise<{ milliseconds: number; mebibytes: number; runs: number }> {
  const runs: { milliseconds: number; mebibytes: number }[] = []
  for (let i = 0; i < RUNS; i++) runs.push(await once(photo))
  return {
    milliseconds: summarize(runs.map((r) => r.milliseconds)).median,
    mebibytes: summarize(runs.map((r) => r.mebibytes)).median,
    runs: RUNS,
  }
}

function once(photo: string): Promise<{ milliseconds: number; mebibytes: number }> {
  const cli = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url))
  const start = performance.now()
  const child = spawn(process.execPath, [cli, 'align', photo, '-o', 'json', '--out', tmpdir()], { stdio: 'ignore' })
  let mebibytes = 0
  const watch = setInterval(() => {
    try {
      mebibytes = Math.max(
        mebibytes,
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
      )
    } catch {
      // The process has ended, or this is no Linux.
    }
  }, 5)
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      clearInterval(watch)
      if (code === 0) resolve({ milliseconds: performance.now() - start, mebibytes })
      else reject(new Error(`3ddfa align ended with ${code}; build it first: npm run setup`))
    })
  })
}
