import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { findProgram } from './find-program.mjs'
import { temporaryFolder } from './temporary-folder.mjs'

const why = findProgram('git') ? '' : ' (skipped: no git on this machine)'

describe.skipIf(why !== '')(`check-release${why}`, () => {
  const folder = temporaryFolder('release')
  const check = (tag: string) => {
    const script = fileURLToPath(new URL('check-release.mjs', import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, tag], { cwd: folder, encoding: 'utf8' })
    return { status, said: stdout + stderr }
  }
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }

  beforeAll(() => {
    write('package.json', '{ "name": "all", "version": "0.0.0", "private": true }')
    write('models/package.json', '{ "name": "@a/models", "version": "0.1.0" }')
    write('packages/native/npm/linux/package.json', '{ "name": "@a/native-linux", "version": "0.1.0" }')
    write('.changeset/config.json', '{}')
    execFileSync('git', ['init', '--quiet'], { cwd: folder })
    execFileSync('git', ['add', '.'], { cwd: folder })
  })

  it('lets the tag of all versions pass', () => {
    expect(check('v0.1.0')).toEqual({ status: 0, said: 'v0.1.0 is the version of 2 packages.\n' })
  })

  it('refuses another tag, and changesets that are pending', () => {
    const remedy = '; run `pnpm run version-packages`, commit, and tag that commit.\n'
    expect(check('v0.2.0')).toEqual({
      status: 1,
      said: `v0.2.0 cannot be published: @a/models is 0.1.0, @a/native-linux is 0.1.0${remedy}`,
    })
    write('.changeset/models.md', 'news')
    expect(check('v0.1.0')).toEqual({
      status: 1,
      said: `v0.1.0 cannot be published: .changeset/models.md is pending${remedy}`,
    })
    rmSync(join(folder, '.changeset/models.md'))
  })
})

describe('workflows', () => {
  const read = (name: string) => parse(readFileSync(new URL(`../.github/workflows/${name}`, import.meta.url), 'utf8'))

  it('publish what has passed .ci/run, under the version that its tag names', () => {
    const { jobs } = read('release.yml')
    expect(jobs.publish.needs).toEqual(expect.arrayContaining(['build', 'test', 'version']))
    expect(JSON.stringify(jobs.version.steps)).toContain('node scripts/check-release.mjs')
    const { uses } = jobs.test
    expect(uses).toBe('./.github/workflows/ci.yml')
    const ci = read('ci.yml')
    expect(Object.keys(ci.on)).toEqual(['push', 'pull_request', 'workflow_call'])
    expect(ci.jobs.test.steps.at(-1)).toEqual({ run: '.ci/run' })
  })
})
