import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const examples = fileURLToPath(new URL('..', import.meta.url))
const command = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url))
const picture = fileURLToPath(new URL('../../packages/web-demo/public/sample.png', import.meta.url))

for (const [runtime, ...args] of [['node24'], ['bun'], ['deno', 'run', '--allow-all']] as const) {
  const missing = lacking(runtime)
  describe.skipIf(missing)(`in ${runtime}${missing}`, { timeout: 120_000 }, () => {
    let folder: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), `3ddfa-${runtime}-`))
      for (const name of ['home', 'tmp', 'photos']) mkdirSync(join(folder, name))
      for (const i of [1, 2, 3]) cpSync(picture, join(folder, 'photos', `${i}.png`))
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    const env = () => ({ ...process.env, HOME: join(folder, 'home'), TMPDIR: join(folder, 'tmp') })
    const run = (program: string, ...given: string[]): string =>
      execFileSync(program, given, { cwd: examples, env: env(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

    it('the first example says what it says in Node, and onnxruntime leaves nothing behind', () => {
      const expected = run(process.execPath, 'landmarks.mjs', picture)
      expect(run(runtime, ...args, 'landmarks.mjs', picture)).toBe(expected)
      // Of what onnxruntime tells its makers, and keeps for that.
      expect(existsSync(join(folder, 'home/.cache/Microsoft'))).toBe(false)
      expect(readdirSync(join(folder, 'tmp')).filter((name) => /mat-debug|\.ses/.test(name))).toEqual([])
    })

    it('the command makes pictures and meshes, on several threads too', () => {
      const out = join(folder, 'out')
      const asked = ['--model', 'open', '--detector', 'open', '-o', '3d,obj,json']
      run(runtime, ...args, command, 'align', picture, ...asked, '--out', out)
      expect(readdirSync(out).filter((name) => /\.(png|obj|json)$/.test(name))).toHaveLength(3)
      const batch = join(folder, 'batch')
      run(runtime, ...args, command, 'batch', join(folder, 'photos'), ...asked, '--out', batch, '--workers', '2')
      expect(readdirSync(batch).filter((name) => name.endsWith('.obj'))).toHaveLength(3)
    })
  })
}

function lacking(runtime: string): string {
  if (!existsSync(command)) return ' (skipped: nothing is built; node scripts/setup.mjs)'
  try {
    execFileSync(runtime, ['--version'], { stdio: 'ignore' })
    return ''
  } catch {
    return ` (skipped: no ${runtime} on this machine)`
  }
}
