/** What a page measures, on globalThis for the driver. */
export interface Contender {
  /** Milliseconds from the start of the navigation to the first result. */
  readonly first: number
  /** Milliseconds of each frame, of each kind of work. */
  run(): Promise<Record<string, number[]>>
}

/** Frames of the video, 1280x720, as the page's canvas gets them. */
export async function loadFrames(count: number): Promise<ImageBitmap[]> {
  const frames: ImageBitmap[] = []
  for (let i = 1; i <= count; i++) {
    const response = await fetch(`frames/${String(i).padStart(3, '0')}.jpg`)
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}.`)
    frames.push(await createImageBitmap(await response.blob()))
  }
  return frames
}

/** A canvas as a page has it that draws its camera. */
export function createPicture(): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement('canvas')
  ;[canvas.width, canvas.height] = [1280, 720]
  return { canvas, context: canvas.getContext('2d', { willReadFrequently: true })! }
}

/** Time of `work` on each frame, drawing not counted. */
export async function timeFrames(
  frames: readonly ImageBitmap[],
  { context }: { readonly context: CanvasRenderingContext2D },
  work: (index: number) => unknown,
): Promise<number[]> {
  const times: number[] = []
  for (const [i, frame] of frames.entries()) {
    context.drawImage(frame, 0, 0)
    const started = performance.now()
    await work(i)
    times.push(performance.now() - started)
  }
  return times
}

export function enter(contender: Contender): void {
  Object.assign(globalThis, { contender })
}
