import { describe, expect, it } from 'vitest'
import { loadRuntime } from './load-runtime.ts'

const failWith = (message: string, code?: string) =>
  loadRuntime(() => Promise.reject(Object.assign(new Error(message), { code })))

describe('loadRuntime', () => {
  it('says what was tried, where, why it failed and what to do', async () => {
    const error = await failWith("Cannot find package 'onnxruntime-node'\nmore", 'ERR_MODULE_NOT_FOUND').catch((e) => e)
    expect(error.message).toBe(
      `Could not load onnxruntime-node (tried import('onnxruntime-node') on ${process.platform}-${process.arch}, ` +
        `Node ${process.versions.node}: Cannot find package 'onnxruntime-node'). Install it: npm install onnxruntime-node`,
    )
    expect(error.cause.code).toBe('ERR_MODULE_NOT_FOUND')
  })

  it('advises by the kind of failure', async () => {
    await expect(failWith('ld-musl: not found', 'ERR_DLOPEN_FAILED')).rejects.toThrow('glibc')
    await expect(failWith("Cannot find module '../bin/sunos/onnxruntime_binding.node'")).rejects.toThrow('no binary')
    await expect(loadRuntime(async () => ({}))).rejects.toThrow('exports no InferenceSession')
  })

  it('takes a CommonJS default export, silences its default log level and respects a chosen one', async () => {
    const module = (logLevel: string) => ({ default: { InferenceSession: {}, Tensor: class {}, env: { logLevel } } })
    expect((await loadRuntime(async () => module('warning'))).env.logLevel).toBe('fatal')
    expect((await loadRuntime(async () => module('info'))).env.logLevel).toBe('info')
  })
})
