import { tryRuntime } from '../runtimes.ts'
import { attempt, type Check } from './check.ts'

export async function* checkRuntime(): AsyncGenerator<Omit<Check, 'group'>> {
  yield attempt('Node', true, () => {
    const major = Number(process.versions.node.split('.')[0])
    if (major < 20) throw new Error(`${process.version} is too old; 20 or later is needed`)
    return `${process.version} on ${process.platform}-${process.arch}`
  })
  yield attempt('onnxruntime-node', true, async () => {
    const { runtime, notes } = await tryRuntime()
    if (runtime === 'onnxruntime-web') return `ran a network. ${notes.join(' ')}`
    return describeRuntime()
  })
}

async function describeRuntime(): Promise<string> {
  const ort = await import('onnxruntime-node')
  const providers = ort.listSupportedBackends().map(({ name, bundled }) => (bundled ? name : `${name} (not bundled)`))
  return `${ort.env.versions.node}, ran a network; providers ${providers.join(', ')}`
}
