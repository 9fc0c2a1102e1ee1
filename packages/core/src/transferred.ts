/** Whether an array has lost its memory: `postMessage` and `structuredClone` take it away from what they transfer. Older engines have no `detached`. */
export function isTransferred({ buffer, byteLength }: ArrayBufferView): boolean {
  if (byteLength > 0) return false
  try {
    new Uint8Array(buffer)
    return false
  } catch {
    return true
  }
}
