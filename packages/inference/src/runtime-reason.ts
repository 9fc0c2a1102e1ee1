/** Characters of a message that are looked at: names in networks can be of any length. */
const MAX_LENGTH = 4000

/**
 * A place in onnxruntime's C++ sources, as it is on the machine that built them: file, line and function. With the whole path comes the
 * function's signature, unless a compiler for Windows made it; else it is one word.
 */
const PLACE =
  /(?:(?:\/[\w.+-]+)+\.(?:cc|cpp|h|hpp):\d+ [\w:<>~*&, ]+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)(?: const)?(?: \[with [^\]]*\])?(?: const)?|(?:[A-Z]:)?[\w.+\\/-]*\.(?:cc|cpp|h|hpp):\d+ [\w:<>~]+) /g

/** What onnxruntime says in an error, on one line and without places in its sources. */
export function runtimeReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message
    .slice(0, MAX_LENGTH)
    .replace(/\s+/g, ' ')
    .replace(PLACE, '')
    .replace(/\[ONNXRuntimeError\] : \d+ : \w+ : /g, '')
    .replace(/std::bad_alloc\.?/, 'there is not enough memory (std::bad_alloc).')
    .trim()
}
