import { isArrayBuffer } from '@3ddfa/core'

/** `WebAssembly.Module` where a project's types know it: those of Node without the DOM's do not. */
export type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: new (...given: never) => infer Module }
}
  ? Module
  : never

/** Where the WebAssembly comes from. */
export interface WasmSource {
  /**
   * Bytes, a compiled module, a response, or the URL of `simd.wasm` or `scalar.wasm`. What the package carries within its own
   * code unless given: nothing is fetched then, and no bundler has to know.
   */
  readonly wasm?:
    | ArrayBuffer
    | ArrayBufferView
    | CompiledModule
    | Response
    | Promise<Response>
    | URL
    | string
    | undefined
  /** Whether to take the package's own code with SIMD; where the engine has it unless given. Of no effect with `wasm`. */
  readonly simd?: boolean | undefined
}

/** (module (func (drop (v128.const i64x2 0 0)))): valid where there is SIMD. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0],
  ...[253, 12, ...new Array<number>(16).fill(0), 26, 11],
)

/** Whether the engine has WebAssembly's SIMD. */
export function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE)
}

/**
 * The compiled kernels.
 * @throws {Error} one sentence that says what cannot be loaded and why.
 */
export async function loadModule({ wasm, simd }: WasmSource): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === 'undefined')
    throw new Error('There is no WebAssembly here: use a newer browser, or switch it on.')
  if (wasm instanceof WebAssembly.Module) return wasm
  const withSimd = simd ?? hasSimd()
  const name = withSimd ? 'simd' : 'scalar'
  const bytes = wasm === undefined ? await builtIn(withSimd) : await bytesOf(wasm)
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    const policy = "; a page with a Content-Security-Policy needs script-src 'wasm-unsafe-eval'"
    throw new Error(
      `The ${wasm === undefined ? name : 'given'} WebAssembly does not compile here (${reasonOf(cause)})${policy}.`,
      {
        cause,
      },
    )
  }
}

/** Modules of their own, so that a page loads the one that it needs. */
async function builtIn(simd: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const loading = simd ? import('./generated/simd.ts') : import('./generated/scalar.ts')
  const { default: base64 } = await loading.catch((cause: unknown) => {
    const name = simd ? 'simd' : 'scalar'
    const advice = "; see that the bundler's output is served whole"
    throw new Error(`Could not load the ${name} WebAssembly (${reasonOf(cause)})${advice}.`, { cause })
  })
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

async function bytesOf(source: NonNullable<WasmSource['wasm']>): Promise<BufferSource> {
  if (isArrayBuffer(source) || ArrayBuffer.isView(source)) return source as BufferSource
  const response = await (typeof source === 'string' || source instanceof URL ? request(source) : source)
  if (!(response instanceof Response))
    throw new Error('Expected bytes, a module, a response or a URL for wasm but received something else.')
  if (!response.ok) throw new Error(`Could not load the WebAssembly: ${response.url} answered ${response.status}.`)
  return response.arrayBuffer()
}

async function request(url: string | URL): Promise<Response> {
  try {
    return await fetch(url)
  } catch (cause) {
    const advice = String(url).startsWith('file:') ? '; read the file and give its bytes' : ''
    throw new Error(`Could not load the WebAssembly from ${url} (${reasonOf(cause)})${advice}.`, { cause })
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
