/** Whoever sets it to 0 has telemetry. */
const SWITCH = 'ORT_DISABLE_TELEMETRY'

/** C libraries of Linux (glibc, musl) and macOS, by the names that they are loaded under. */
const C_LIBRARIES = ['libc.so.6', 'libc.so', 'libSystem.B.dylib']

/** What is used of Bun's way to call C. */
interface BunFfi {
  dlopen(
    library: string,
    symbols: { setenv: { args: string[]; returns: string } },
  ): { symbols: { setenv(name: Uint8Array, value: Uint8Array, overwrite: number): number }; close(): void }
}

/**
 * Tells onnxruntime-node, which has yet to be loaded, not to report on its use to Microsoft, nor to leave an identifier of the machine
 * and files in the folder for temporary ones behind. It asks the environment about that.
 */
export function switchTelemetryOff(): void {
  process.env[SWITCH] ??= '1'
  if ('bun' in process.versions) setInProcess(SWITCH, process.env[SWITCH])
}

/** Bun keeps changes of `process.env` to itself: the process has to be told. */
function setInProcess(name: string, value: string): void {
  const ffi = process.getBuiltinModule?.('bun:ffi') as unknown as BunFfi | undefined
  // Old ones have none.
  if (!ffi) return
  const text = (string: string): Uint8Array => new TextEncoder().encode(`${string}\0`)
  for (const library of C_LIBRARIES) {
    try {
      const { symbols, close } = ffi.dlopen(library, { setenv: { args: ['ptr', 'ptr', 'i32'], returns: 'i32' } })
      symbols.setenv(text(name), text(value), 1)
      close()
      return
    } catch {
      // The next platform's. Windows has none of them, and its own rules for telemetry.
    }
  }
}
