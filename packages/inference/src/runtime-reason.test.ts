import { expect, it } from 'vitest'
import { createNodeSession, simplifyNetwork } from './node.ts'
import { runtimeReason } from './runtime-reason.ts'
import { type TinyValue, tinyNetwork } from './testing.ts'

const SOURCES = '/onnxruntime_src/onnxruntime/core'

it.each([
  // Of a network with an output that nothing makes, of weights that are too short, of a run and of Windows.
  [
    `${SOURCES}/graph/graph.cc:1555 void onnxruntime::Graph::InitializeStateFromModelFileGraphProto() This is an invalid model. Graph output (x (1)) does not exist in the graph.\n`,
    'This is an invalid model. Graph output (x (1)) does not exist in the graph.',
  ],
  [
    `Exception during initialization: ${SOURCES}/optimizer/optimizer_execution_frame.cc:74 onnxruntime::OptimizerExecutionFrame::Info::Info(const std::vector<const onnxruntime::Node*>&, const std::function<bool(const std::__cxx11::basic_string<char>&)>&, const onnxruntime::logging::Logger&) [ONNXRuntimeError] : 1 : FAIL : tensorprotoutils.cc:1469 ValidateEmbeddedTensorProtoDataSizeAndShape Initializer 'a': raw_data size (2048 bytes) does not match expected size from shape and data type (0 bytes)\n`,
    "Exception during initialization: Initializer 'a': raw_data size (2048 bytes) does not match expected size from shape and data type (0 bytes)",
  ],
  [
    `Non-zero status code returned while running Add node. Name:'' Status Message: ${SOURCES}/providers/cpu/math/element_wise_ops.h:563 void onnxruntime::BroadcastIterator::Init(ptrdiff_t, ptrdiff_t) axis == 1 || axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 2 by 3\n`,
    "Non-zero status code returned while running Add node. Name:'' Status Message: axis == 1 || axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 2 by 3",
  ],
  [
    'D:\\a\\_work\\1\\s\\onnxruntime\\core\\graph\\graph.cc:1555 onnxruntime::Graph::Resolve This is an invalid model.',
    'This is an invalid model.',
  ],
  [`${SOURCES}/a.h:1 static T onnxruntime::f(T) [with T = std::vector<float>] const It is false.`, 'It is false.'],
  [
    "Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: No Op registered for A\nB with domain_version of 17",
    "Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: No Op registered for A B with domain_version of 17",
  ],
  // Of a WebAssembly that has its four gigabytes.
  [
    'failed to call OrtRun(). ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc',
    'failed to call OrtRun(). ERROR_CODE: 6, ERROR_MESSAGE: there is not enough memory (std::bad_alloc).',
  ],
  // Nodes have names with slashes and dots.
  [
    "Invalid model. Node input '/network/a.1/Conv_output_0' is none.",
    "Invalid model. Node input '/network/a.1/Conv_output_0' is none.",
  ],
])('says without the places in its sources: %s', (message, reason) => {
  expect(runtimeReason(new Error(message))).toBe(reason)
})

it('names web pages that servers give in place of networks', async () => {
  const page = new TextEncoder().encode('\n<!doctype html><title>App</title>')
  for (const runtime of ['onnxruntime-node', 'onnxruntime-web'] as const)
    await expect(createNodeSession(page, { runtime })).rejects.toThrow(
      /^Could not load the network of 34 bytes.* These bytes are a web page's; see that the network's file is served\.$/,
    )
  // Of none else.
  await expect(createNodeSession(Uint8Array.of(1, 2, 3))).rejects.not.toThrow('web page')
})

const x: TinyValue = { name: 'x', type: 'float32', dims: ['n'] }

it('so do networks that do not load, are not simplified or fail', async () => {
  // The last node gives "y" where the graph wants "z".
  const network = tinyNetwork('Identity', [x], { ...x, name: 'y' })
  const damaged = network.slice()
  damaged[damaged.lastIndexOf(0x79)] = 0x7a
  const reason = 'This is an invalid model. Graph output (z) does not exist in the graph.'
  await expect(createNodeSession(damaged)).rejects.toThrow(
    new RegExp(`^Could not load the network of ${damaged.length} bytes: ${reason.replace(/[().]/g, '\\$&')}$`),
  )
  await expect(simplifyNetwork(damaged)).rejects.toThrow(/^Could not simplify [^/]*$/)
  const web = createNodeSession(damaged, { runtime: 'onnxruntime-web' })
  await expect(web).rejects.toThrow(/^Could not load the network of \d+ bytes\. wasm: [^/]*$/)

  const add = await createNodeSession(tinyNetwork('Add', [x, { ...x, name: 'b', dims: ['m'] }], { ...x, name: 'y' }))
  const feed = (count: number) => ({ type: 'float32', data: new Float32Array(count), dims: [count] }) as const
  await expect(add.run({ x: feed(2), b: feed(3) })).rejects.toThrow(
    /^The network could not be run: Non-zero status code .* Attempting to broadcast an axis by a dimension other than 1\. 2 by 3$/,
  )
  await add.dispose()
})
