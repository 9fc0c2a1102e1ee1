import type { Progress } from '../engine/types.ts'

interface Sum {
  readonly text: string
  readonly size: string
  readonly share: number | undefined
}

/**
 * Several downloads as one: a sentence, and how much of all is there, which nobody knows before all sizes are told. When all is there
 * the networks start, for which onnxruntime still loads its own WebAssembly.
 */
export function sumUp(parts: readonly Progress[]): Sum {
  const loaded = parts.reduce((sum, part) => sum + part.loaded, 0)
  const total = parts.reduce((sum, part) => sum + part.total, 0)
  const isKnown = parts.every((part) => part.total > 0)
  if (isKnown && loaded === total) return { text: 'Starting the networks', size: '', share: undefined }
  const begun = parts.filter((part) => part.loaded > 0 || part.total > 0)
  const from = begun.length > 0 && begun.every((part) => part.cached) ? 'from the cache' : 'from the network'
  const amount = isKnown ? `${megabytes(loaded)} of ${megabytes(total)}` : megabytes(loaded)
  return { text: `Loading models ${from}`, size: `${amount} MB`, share: isKnown ? loaded / total : undefined }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
