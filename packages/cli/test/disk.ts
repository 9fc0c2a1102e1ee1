import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../scripts/temporary-folder.mjs'
import { main, outcomeOf, run } from './command.ts'

const photo = fileURLToPath(new URL('../../web-demo/public/sample.png', import.meta.url))
const isLinux = existsSync('/proc/self') && existsSync('/dev/full')
const canMount = isLinux && spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

describe('where nothing can be written', () => {
  const folder = temporaryFolder('e2e')
  const env = { TDFA_CACHE_DIR: join(folder, 'cache'), TDFA_MODEL_SOURCES: undefined }

  it.skipIf(!canMount)(
    `batch stops on a full disk and goes on from there${canMount ? '' : ' (skipped: no file system can be mounted here)'}`,
    async () => {
      const [pictures, out] = [join(folder, 'pictures'), join(folder, 'out')]
      mkdirSync(pictures)
      mkdirSync(out)
      for (const name of ['1', '2', '3', '4']) copyFileSync(photo, join(pictures, `${name}.png`))
      // The mount is gone with its process: what is in the folder has to be seen there.
      const script = `
        mount -t tmpfs -o size=2m tmpfs "$OUT" || exit 9
        "$@"; echo "exit $?"; wc -l < "$OUT/results.jsonl"
        mount -o remount,size=200m "$OUT"
        "$@"; echo "exit $?"; grep -c '"error"' "$OUT/results.jsonl"; ls "$OUT"`
      const command = [process.execPath, main, 'batch', pictures, '--model', 'open', '--workers', '1', '--ordered']
      const args = ['-rm', 'sh', '-c', script, 'sh', ...command, '-o', 'obj', '--out', out]
      const child = spawn('unshare', args, { env: { ...process.env, ...env, OUT: out } })
      const { stdout, stderr } = await outcomeOf(child)
      const said =
        /_obj\.obj cannot be written: no space is left on the device; the same command goes on from here\.$/gm
      expect(stderr.match(said), stderr).toHaveLength(1)
      const lines = stdout.trim().split('\n')
      expect(lines.slice(0, 4)).toEqual(['exit 1', expect.stringMatching(/^[123]$/), 'exit 0', '0'])
      expect(lines.slice(4).filter((name) => name.endsWith('.obj'))).toHaveLength(4)
    },
  )

  it.skipIf(!isLinux)(
    `says that the standard output is full${isLinux ? '' : ' (skipped: no /dev/full here)'}`,
    async () => {
      const child = spawn(process.execPath, [main, 'models', 'list'], {
        stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      })
      let stderr = ''
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      const code = await new Promise((resolve) => child.on('close', resolve))
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('Error: The standard output cannot be written: no space is left on the device.\n'),
      ])
    },
  )

  it.skipIf(!isLinux)(`ends where folders cannot be made${isLinux ? '' : ' (skipped: no /proc here)'}`, async () => {
    const nowhere = '/proc/3ddfa/out'
    const refused = await run(['align', photo, '--model', 'open', '--out', nowhere], { env })
    expect(refused).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`folder ${nowhere} cannot be created`),
    })
    // A cache saves time; without one all goes its way.
    const out = join(folder, 'uncached')
    const args = ['align', photo, '--model', 'open', '-o', 'json', '--out', out, '--cache', nowhere]
    expect(await run(args, { env })).toMatchObject({ code: 0 })
    expect(JSON.parse(readFileSync(join(out, 'sample_json.json'), 'utf8')).images[0].faces.length).toBeGreaterThan(0)
  })
})
