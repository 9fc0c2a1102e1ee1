import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'
import { run } from './command.ts'

const photo = fileURLToPath(new URL('../../web-demo/public/sample.png', import.meta.url))

// Variables by which onnxruntime knows that it is being tested, and keeps quiet of its own accord.
const TESTED = ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'TF_BUILD', 'BUILD_BUILDID', 'JENKINS_URL', 'TRAVIS', 'CIRCLECI']

describe('3ddfa keeps to itself', () => {
  const folder = temporaryFolder('e2e')

  it.each([
    ['align', '--outputs', 'ply'],
    ['batch', '--workers', '2', '--outputs', 'ply'],
  ])('%s leaves no file but its own', async (...command) => {
    const [home, temporary, out] = ['home', 'temporary', 'out'].map((name) => {
      const path = join(folder, command[0]!, name)
      mkdirSync(path, { recursive: true })
      return path
    }) as [string, string, string]
    const env = {
      ...Object.fromEntries([...TESTED, 'ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME'].map((name) => [name, undefined])),
      HOME: home,
      TMPDIR: temporary,
      TDFA_CACHE_DIR: join(folder, 'cache'),
    }
    const [name, ...options] = command
    const input = name === 'batch' ? join(photo, '..') : photo
    const outcome = await run([name!, input, '--model', 'open', '--out', out, ...options], { env })
    expect(outcome).toMatchObject({ code: 0 })
    expect(readdirSync(home, { recursive: true })).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
  })
})
