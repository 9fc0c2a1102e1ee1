/**
 * Raw RGB frames with their times, as Matroska (RFC 9559) that ffmpeg and ffplay read from a pipe. Plain `rawvideo` has no
 * times, and a fixed rate would have to repeat and drop frames of a video whose rate varies. Times are whole microseconds.
 */

interface Stream {
  readonly width: number
  readonly height: number
  /** Frames a second, nominal. */
  readonly frameRate: number
}

/** What stands before the first frame. */
export function matroskaHeader({ width, height, frameRate }: Stream): Buffer {
  const ebml = element(0x1a45dfa3, [
    element(0x4282, Buffer.from('matroska')),
    element(0x4287, unsigned(4)), // DocTypeVersion
    element(0x4285, unsigned(2)), // DocTypeReadVersion
  ])
  const info = element(0x1549a966, [
    element(0x2ad7b1, unsigned(1000)), // TimestampScale, nanoseconds
    element(0x4d80, Buffer.from('3ddfa')), // MuxingApp
    element(0x5741, Buffer.from('3ddfa')), // WritingApp
  ])
  const video = element(0xe0, [
    element(0xb0, unsigned(width)),
    element(0xba, unsigned(height)),
    element(0x2eb524, Buffer.from('RGB\x18', 'latin1')), // UncompressedFourCC: 24 bits
  ])
  const track = element(0xae, [
    element(0xd7, unsigned(1)), // TrackNumber
    element(0x73c5, unsigned(1)), // TrackUID
    element(0x83, unsigned(1)), // TrackType: video
    element(0x9c, unsigned(0)), // FlagLacing
    element(0x86, Buffer.from('V_UNCOMPRESSED')),
    element(0x23e383, unsigned(Math.round(1e9 / frameRate))), // DefaultDuration, nanoseconds
    video,
  ])
  // A segment of unknown size lasts until the pipe ends.
  const segment = Buffer.from('18538067' + '01ffffffffffffff', 'hex')
  return Buffer.concat([ebml, segment, info, element(0x1654ae6b, track)])
}

/** What stands before the `size` bytes of a frame at `time` seconds, at least 0: a cluster of its own. */
export function matroskaFrameHeader(time: number, size: number): Buffer {
  const timestamp = element(0xe7, unsigned(Math.round(time * 1e6)))
  const block = Buffer.from([0x81, 0, 0, 0x80]) // track 1, at the cluster's time, keyframe
  const blockStart = Buffer.concat([id(0xa3), length(block.length + size), block])
  return Buffer.concat([id(0x1f43b675), length(timestamp.length + blockStart.length + size), timestamp, blockStart])
}

function element(name: number, content: Buffer | readonly Buffer[]): Buffer {
  const body = Buffer.isBuffer(content) ? content : Buffer.concat(content)
  return Buffer.concat([id(name), length(body.length), body])
}

/** Ids carry their length in their own leading bits. */
function id(name: number): Buffer {
  return unsigned(name)
}

/** Size of an element, always eight bytes long: 01 and seven bytes. */
function length(size: number): Buffer {
  const out = Buffer.alloc(8)
  out.writeUInt8(1)
  out.writeUIntBE(size, 2, 6)
  return out
}

/** As few bytes as hold it, at least one. */
function unsigned(value: number): Buffer {
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
}
