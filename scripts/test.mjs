// Sets up and runs every test: the TypeScript suites under vitest, the Rust ones under cargo. The last lines say what was skipped
// and why, and count. A test that is skipped says why in its name, "(skipped: ...)", or the run fails.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { has, root, setup, useLocalModels } from './setup.mjs'

useLocalModels()
setup()

const filters = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), '3ddfa-tests-'))
const report = join(folder, 'vitest.json')
const vitest = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ],
  { cwd: root, stdio: 'inherit' },
)
const counts = countVitest(report)
const cargo = has('cargo') ? testRust() : { passed: 0, failed: 0, ok: true }
if (!has('cargo')) console.log('Not run: the Rust tests (no `cargo` on this machine).')
rmSync(folder, { recursive: true, force: true })

for (const [reason, count] of counts.reasons) console.log(`Skipped (${reason}): ${count}`)
// What a filter leaves out has no reason to give.
const unexplained = filters.length > 0 ? [] : counts.unexplained
for (const name of unexplained) console.error(`Skipped without a reason: ${name}`)

const passed = counts.passed + cargo.passed
const failed = counts.failed + cargo.failed
console.log(`${passed} passed, ${failed} failed, ${counts.skipped} skipped`)
process.exitCode = vitest.status === 0 && cargo.ok && failed === 0 && unexplained.length === 0 && passed > 0 ? 0 : 1

function countVitest(file) {
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, testResults, success } = JSON.parse(
      readFileSync(file, 'utf8'),
    )
    const skipped = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => ({ fullName, reason: /\(skipped: ([^()]+)\)/.exec(fullName)?.[1] }))
    const reasons = new Map()
    for (const { reason } of skipped) if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    // A suite that could not even start has no failed test of its own.
    return {
      passed: numPassedTests,
      failed: success ? 0 : Math.max(1, numFailedTests, numFailedTestSuites > 0 ? 1 : 0),
      skipped: skipped.length,
      reasons,
      unexplained: skipped.filter(({ reason }) => !reason).map(({ fullName }) => fullName),
    }
  } catch {
    return { passed: 0, failed: 1, skipped: 0, reasons: new Map(), unexplained: [] }
  }
}

function testRust() {
  const result = spawnSync(
    'cargo',
    ['test', '--release', '--locked', '--manifest-path', join(root, 'packages/render-native/Cargo.toml')],
    { encoding: 'utf8', cwd: root },
  )
  // Not echoed whole: another tool's closing line must not look like ours.
  const lines = [...result.stdout.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed/g)]
  const sum = (index) => lines.reduce((total, line) => total + Number(line[index]), 0)
  if (result.status !== 0) console.error(result.stdout, result.stderr)
  return { passed: sum(1), failed: Math.max(sum(2), result.status === 0 ? 0 : 1), ok: result.status === 0 }
}
