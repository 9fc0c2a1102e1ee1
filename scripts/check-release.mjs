// Whether what is checked out may be published under a tag: node scripts/check-release.mjs v0.1.0
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const tag = process.argv[2]
const files = execFileSync('git', ['ls-files', 'package.json', '*/package.json'], { encoding: 'utf8' })
const packages = files
  .trim()
  .split('\n')
  .map((file) => JSON.parse(readFileSync(file, 'utf8')))
  .filter((manifest) => !manifest.private)
const problems = [
  ...packages.filter(({ version }) => `v${version}` !== tag).map(({ name, version }) => `${name} is ${version}`),
  ...readdirSync('.changeset')
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => `.changeset/${file} is pending`),
]
if (problems.length > 0) {
  const remedy = 'run `pnpm run version-packages`, commit, and tag that commit'
  console.error(`${tag} cannot be published: ${problems.join(', ')}; ${remedy}.`)
  process.exit(1)
}
console.log(`${tag} is the version of ${packages.length} packages.`)
