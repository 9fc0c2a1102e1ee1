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

/** Plays a camera or a video and hands over its frames: always the newest, never the next before the last is done. */
export class LiveSource {
  readonly #video = element<HTMLVideoElement>('video')
  readonly #onFrame: OnFrame
  readonly #onRate: (fps: number) => void
  readonly #onEnd: (error?: unknown) => void
  #run = 0
  #url = ''

  constructor(onFrame: OnFrame, onRate: (fps: number) => void, onEnd: (error?: unknown) => void) {
    this.#onFrame = onFrame
    this.#onRate = onRate
    this.#onEnd = onEnd
  }

  get running(): boolean {
    return this.#run > 0
  }

  /** @throws {Error} one sentence when there is no camera or it may not be used. */
  async openCamera(): Promise<void> {
    if (!navigator.mediaDevices)
      throw new Error('The camera needs a secure page: open this page over https or from localhost.')
    const stream = await navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 720 } } })
      .catch((cause: unknown) => {
        throw new Error(cameraProblem(cause), { cause })
      })
    this.stop()
    this.#video.srcObject = stream
    stream
      .getVideoTracks()[0]
      ?.addEventListener('ended', () => this.#fail('The camera went away; connect it and start again.'))
    await this.#play()
  }

  async openFile(file: File): Promise<void> {
    this.stop()
    this.#url = URL.createObjectURL(file)
    this.#video.src = this.#url
    await this.#play().catch((cause: unknown) => {
      throw new Error(`${file.name} is not a video that this browser can play; try MP4 (H.264) or WebM.`, { cause })
    })
  }

  stop(): void {
    this.#run = 0
    this.#video.pause()
    const stream = this.#video.srcObject
    if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop()
    this.#video.srcObject = null
    this.#video.removeAttribute('src')
    if (this.#url) URL.revokeObjectURL(this.#url)
    this.#url = ''
  }

  async #play(): Promise<void> {
    await this.#video.play()
    this.#run = performance.now()
    void this.#pump(this.#run)
  }

  async #pump(run: number): Promise<void> {
    const rate = new Rate()
    let last = -1
    try {
      while (this.#run === run) {
        const seconds = await nextFrame(this.#video)
        if (this.#run !== run) return
        if (seconds === undefined) return this.#finish()
        // A video that starts over or is shown twice gives no new time.
        if (seconds <= last) continue
        last = seconds
        await this.#onFrame(await grab(this.#video), seconds)
        this.#onRate(rate.add(performance.now()))
      }
    } catch (error) {
      if (this.#run === run) this.#finish(error)
    }
  }

  #fail(reason: string): void {
    if (this.running) this.#finish(new Error(reason))
  }

  #finish(error?: unknown): void {
    this.stop()
    this.#onEnd(error)
  }
}

/** What the video shows now. A VideoFrame can be read without drawing it first. */
async function grab(video: HTMLVideoElement): Promise<ImageBitmap | VideoFrame> {
  return 'VideoFrame' in globalThis ? new VideoFrame(video) : createImageBitmap(video)
}

/** Resolves with the time of the next frame in seconds, or undefined at the video's end. */
function nextFrame(video: HTMLVideoElement): Promise<number | undefined> {
  return new Promise((resolve) => {
    if (video.ended) return resolve(undefined)
    const ended = (): void => resolve(undefined)
    video.addEventListener('ended', ended, { once: true })
    const arrived = (seconds: number): void => {
      video.removeEventListener('ended', ended)
      resolve(seconds)
    }
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback((_, { mediaTime }) => arrived(mediaTime))
    else requestAnimationFrame(() => arrived((video as HTMLVideoElement).currentTime))
  })
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
