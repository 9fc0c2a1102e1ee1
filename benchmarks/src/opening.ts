// A process that opens networks and ends; as a program: tsx opening.ts GRAPHS|- NETWORK...
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createNodeSession } from '@3ddfa/inference/node'

/** Opens networks in a new process, one thread each. @returns milliseconds of processor time that opening took there. */
export function runOpening(networks: readonly string[], graphs: string | undefined): Promise<number> {
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), graphs ?? '-', ...networks]
  // The runtime is imported below before the package that does this has a chance to.
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(Number(said)) : reject(new Error(`opening ended with ${code}`))))
  })
}

async function main([graphs, ...networks]: readonly string[]): Promise<void> {
  await import('onnxruntime-node')
  const before = process.cpuUsage()
  for (const path of networks)
    await createNodeSession(path, { threads: 1, graphCache: graphs === '-' ? undefined : graphs })
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(String((user + system) / 1000))
}

if (process.argv[1]?.endsWith('opening.ts')) await main(process.argv.slice(2))
