import type { OrtModule } from './ort-engine.ts'
import { switchTelemetryOff } from './telemetry.ts'

/** The runtime cannot be used here. */
export class RuntimeMissingError extends Error {
  override readonly name = 'RuntimeMissingError'
  /** What was tried on which platform, and why it failed; the message says what to do as well. */
  readonly problem: string

  constructor(problem: string, advice: string, cause?: unknown) {
    super(`${problem} ${advice}`, { cause })
    this.problem = problem
  }
}

/**
 * Imports onnxruntime-node. A function of its own, and called late, so that importing this package costs nothing and works
 * where no runtime is.
 * @throws {RuntimeMissingError} that says what was tried on which platform, why it failed and what to do.
 */
export async function loadRuntime(load: () => Promise<unknown> = () => import('onnxruntime-node')): Promise<OrtModule> {
  let loaded: unknown
  switchTelemetryOff()
  try {
    loaded = await load()
  } catch (error) {
    throw missing(error)
  }
  const module = loaded as OrtModule & { default?: OrtModule }
  const ort = module.InferenceSession ? module : module.default
  if (!ort?.InferenceSession || !ort.Tensor) throw missing(new Error('it exports no InferenceSession'))
  quieten(ort)
  return ort
}

/** Its default prints warnings about the machine's devices on stderr; a level that somebody chose stays. */
function quieten(ort: OrtModule): void {
  if (ort.env.logLevel === 'warning') ort.env.logLevel = 'fatal'
}

function missing(cause: unknown): RuntimeMissingError {
  const reason = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause)
  const code = (cause as { code?: string } | null)?.code ?? ''
  const platform = `${process.platform}-${process.arch}, Node ${process.versions.node}`
  const problem = `Could not load onnxruntime-node (tried import('onnxruntime-node') on ${platform}: ${reason}).`
  return new RuntimeMissingError(problem, advice(code, reason), cause)
}

function advice(code: string, reason: string): string {
  const elsewhere = 'Install onnxruntime-web as well, whose WebAssembly runs everywhere: npm install onnxruntime-web'
  if (code === 'ERR_DLOPEN_FAILED')
    return `Its binary needs glibc 2.28 or newer on Linux (not musl) or the Visual C++ runtime on Windows. ${elsewhere}`
  if (reason.includes('onnxruntime_binding'))
    return `It has no binary for this platform: it serves linux-x64, linux-arm64, darwin-arm64, win32-x64 and win32-arm64. ${elsewhere}`
  return 'Install it: npm install onnxruntime-node'
}
