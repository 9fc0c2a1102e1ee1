import { element } from './elements.ts'

/** Frames a second over the last second or so. */
class Rate {
  readonly #times: number[] = []

  add(milliseconds: number): number {
    this.#times.push(milliseconds)
    while (milliseconds - this.#times[0]! > 1000) this.#times.shift()
    const span = milliseconds - this.#times[0]!
    return span > 0 ? ((this.#times.length - 1) / span) * 1000 : 0
  }
}

export type OnFrame = (frame: ImageBitmap | VideoFrame, seconds: number) => Promise<void>

const video = element<HTMLVideoElement>('video')

/** The webcam's picture. @throws {Error} one sentence when there is no camera or it may not be used. */
export async function openCamera(signal: AbortSignal): Promise<MediaStream> {
  if (!navigator.mediaDevices)
    throw new Error('The camera needs a secure page: open this page over https or from localhost.')
  const stream = await navigator.mediaDevices
    .getUserMedia({ video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 720 } } })
    .catch((cause: unknown) => {
      throw new Error(cameraProblem(cause), { cause })
    })
  // The browser's question cannot be taken back; somebody may have allowed what is wanted no more.
  if (signal.aborted) release(stream)
  signal.throwIfAborted()
  return stream
}

/**
 * Plays a camera or a video and hands over its frames: always the newest, never the next before the last is done. Resolves at the
 * video's end; `signal` stops it at once.
 * @throws {Error} one sentence when it cannot be played; the reason of `signal`.
 */
export async function play(
  source: MediaStream | File,
  signal: AbortSignal,
  onFrame: OnFrame,
  onRate: (fps: number) => void,
): Promise<void> {
  const url = source instanceof File ? URL.createObjectURL(source) : ''
  const close = (): void => {
    video.pause()
    if (source instanceof MediaStream) release(source)
    video.srcObject = null
    video.removeAttribute('src')
    URL.revokeObjectURL(url)
  }
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      // Now, before another source takes the video over.
      close()
      reject(signal.reason)
    })
    if (source instanceof MediaStream)
      source
        .getVideoTracks()[0]
        ?.addEventListener('ended', () => reject(new Error('The camera went away; connect it and start again.')))
  })
  if (source instanceof File) video.src = url
  else video.srcObject = source
  try {
    await Promise.race([pump(source, signal, onFrame, onRate), stopped])
  } finally {
    if (!signal.aborted) close()
  }
}

async function pump(
  source: MediaStream | File,
  signal: AbortSignal,
  onFrame: OnFrame,
  onRate: (fps: number) => void,
): Promise<void> {
  await video.play().catch((cause: unknown) => {
    if (source instanceof MediaStream) throw cause
    throw unplayable(source, cause)
  })
  // Sound alone is played all the same, be it that there is no more or that the browser lacks the codec.
  if (source instanceof File && video.videoWidth === 0) throw unplayable(source)
  const rate = new Rate()
  let last = -1
  for (;;) {
    const seconds = await nextFrame()
    if (seconds === undefined || signal.aborted) return
    // A video that starts over or is shown twice gives no new time.
    if (seconds <= last) continue
    last = seconds
    const frame = await grab()
    // Nothing may come between the end of these frames and the first of another source.
    if (signal.aborted) return frame.close()
    await onFrame(frame, seconds)
    onRate(rate.add(performance.now()))
  }
}

function unplayable({ name }: File, cause?: unknown): Error {
  return new Error(`${name} is not a video that this browser can play; try MP4 (H.264) or WebM.`, { cause })
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

/** What the video shows now. A VideoFrame can be read without drawing it first. */
async function grab(): Promise<ImageBitmap | VideoFrame> {
  return 'VideoFrame' in globalThis ? new VideoFrame(video) : createImageBitmap(video)
}

/** Resolves with the time of the next frame in seconds, or undefined at the video's end. @throws {Error} one sentence when it breaks off. */
function nextFrame(): Promise<number | undefined> {
  const over = new AbortController()
  const frame = new Promise<number | undefined>((resolve, reject) => {
    const breakOff = (): void => reject(new Error(brokenOff()))
    if (video.error) return breakOff()
    if (video.ended) return resolve(undefined)
    video.addEventListener('error', breakOff, { signal: over.signal })
    // WebKit waits for ever for what a file lacks; others begin to wait where nothing is wrong.
    const stall = (): void => {
      if (video.src && video.readyState < video.HAVE_FUTURE_DATA) breakOff()
    }
    video.addEventListener('stalled', stall, { signal: over.signal })
    video.addEventListener('ended', () => resolve(undefined), { signal: over.signal })
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime))
    else requestAnimationFrame(() => resolve((video as HTMLVideoElement).currentTime))
  })
  return frame.finally(() => over.abort())
}

function brokenOff(): string {
  const seconds = video.currentTime.toFixed(1)
  return `The video breaks off after ${seconds} s: the rest of the file is damaged or missing. Open a whole copy of it.`
}

function cameraProblem(cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : ''
  if (name === 'NotAllowedError')
    return 'This page may not use the camera; allow it in the address bar of the browser and press Webcam again.'
  if (name === 'NotFoundError' || name === 'OverconstrainedError')
    return 'There is no camera; connect one, or use a photograph or a video file.'
  if (name === 'NotReadableError') return 'Another program holds the camera; close it and press Webcam again.'
  return `The camera does not start: ${cause instanceof Error ? cause.message : String(cause)}`
}
