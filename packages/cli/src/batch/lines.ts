/** A line without its line feed. */
export interface Line {
  /** Valid until the next line is asked for. */
  readonly bytes: Buffer
  /** Whether a line feed followed; only the last line may lack one. */
  readonly ended: boolean
}

/**
 * Splits a stream into lines without holding more than one.
 * @param limit longest line, bytes.
 * @throws {RangeError} when a line is longer.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield { bytes: join(rest, chunk.subarray(start, end), limit), ended: true }
      rest = Buffer.alloc(0)
      start = end + 1
    }
    rest = join(rest, chunk.subarray(start), limit)
  }
  if (rest.length > 0) yield { bytes: rest, ended: false }
}

function join(a: Buffer, b: Buffer, limit: number): Buffer {
  if (a.length + b.length > limit) throw new RangeError(`a line is longer than ${limit} bytes`)
  return a.length === 0 ? b : Buffer.concat([a, b])
}
