import { attempt, type Check } from './check.ts'

/** y = -x of one number, as an ONNX file. */
const NEGATE = 'CAg6NQoLCgF4EgF5IgNOZWcSBHRpbnlaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgIQEQ=='

export async function* checkRuntime(): AsyncGenerator<Omit<Check, 'group'>> {
  yield attempt('Node', true, () => {
    const major = Number(process.versions.node.split('.')[0])
    if (major < 20) throw new Error(`${process.version} is too old; 20 or later is needed`)
    return `${process.version} on ${process.platform}-${process.arch}`
  })
  yield attempt('onnxruntime-node', true, async () => {
    const { createNodeSession } = await import('@3ddfa/inference/node')
    const session = await createNodeSession(Buffer.from(NEGATE, 'base64'))
    const { y } = await session.run({ x: { type: 'float32', data: Float32Array.of(2), dims: [1] } })
    await session.dispose()
    if (y?.data[0] !== -2) throw new Error(`it computes -2 as ${y?.data[0]}`)
    if (session.runtime === 'onnxruntime-web') return `ran a network. ${session.notes.join(' ')}`
    return describeRuntime()
  })
}

async function describeRuntime(): Promise<string> {
  const ort = await import('onnxruntime-node')
  const providers = ort.listSupportedBackends().map(({ name, bundled }) => (bundled ? name : `${name} (not bundled)`))
  return `${ort.env.versions.node}, ran a network; providers ${providers.join(', ')}`
}
