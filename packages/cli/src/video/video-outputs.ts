import type { FaceAligner, MorphableModel, PoseConvention, Smoothing, TrackedFrame } from '@3ddfa/core'
import type { FaceAnimation } from '@3ddfa/core/gltf'
import { StdoutLines } from '../stdout-lines.ts'
import { type DrawingSettings, Painter } from './drawings.ts'
import { FaceTextures } from './face-textures.ts'
import { FrameSink } from './frame-sink.ts'
import { PendingFile, PendingText } from './pending-file.ts'
import type { VideoPlan } from './plan-video.ts'
import type { VideoInfo } from './probe.ts'
import { trackHeader, trackLine } from './track-lines.ts'
import { type Soundtrack, VideoFile } from './video-file.ts'

export interface OutputSettings extends DrawingSettings {
  readonly smoothing: Smoothing
  readonly detectEvery?: number | undefined
  readonly anyRoll?: boolean | undefined
  readonly poseConvention?: PoseConvention | undefined
}

/** Everything that is made of a video's frames. */
export class VideoOutputs {
  readonly #plan: VideoPlan
  readonly #model: MorphableModel
  readonly #painter: Painter
  readonly #json: PendingText | undefined
  readonly #stdout: StdoutLines | undefined
  readonly #glb: PendingFile | undefined
  readonly #animation: FaceAnimation | undefined
  readonly #textures: FaceTextures | undefined
  readonly #video: VideoFile | undefined
  readonly #display: FrameSink | undefined

  private constructor(
    plan: VideoPlan,
    info: VideoInfo,
    aligner: FaceAligner,
    settings: OutputSettings,
    animation: FaceAnimation | undefined,
  ) {
    this.#plan = plan
    this.#model = aligner.model
    this.#painter = new Painter(plan.drawings, aligner, settings)
    this.#animation = animation
    this.#textures = animation && new FaceTextures(aligner, animation.lining)
    this.#glb = plan.glb === undefined ? undefined : new PendingFile(plan.glb, plan.overwrite)
    this.#json = plan.json === undefined || plan.json === '-' ? undefined : new PendingText(plan.json, plan.overwrite)
    const { out, glb, display } = plan
    this.#stdout = plan.json === '-' ? new StdoutLines(display || (out ?? glb) !== undefined) : undefined
    this.#video = plan.out === undefined ? undefined : new VideoFile(plan.out, info, plan.overwrite)
    this.#display = plan.display ? new FrameSink('ffplay', playerArgs(plan.input.name), info, 'The display') : undefined
  }

  /** Nothing is left running, nor a file, when it throws. */
  static async open(
    plan: VideoPlan,
    info: VideoInfo,
    aligner: FaceAligner,
    settings: OutputSettings,
  ): Promise<VideoOutputs> {
    const gltf = plan.glb === undefined ? undefined : await import('@3ddfa/core/gltf')
    const animation = gltf && new gltf.FaceAnimation(aligner, { picture: info })
    const outputs = new VideoOutputs(plan, info, aligner, settings, animation)
    try {
      // Whether it can be written is told now, not when all is done.
      outputs.#glb?.write('')
      await outputs.#writeLine(trackHeader(plan.input.name, info, aligner, settings.smoothing))
      return outputs
    } catch (error) {
      outputs.discard()
      throw error
    }
  }

  /**
   * Takes a frame and draws into its picture. Its faces are read before the first wait, since the tracker uses their vertices
   * again for the next frame. Done when the picture may be used again.
   */
  async write(frame: TrackedFrame): Promise<void> {
    const { image, timestamp, faces } = frame
    const line = this.#writeLine(trackLine(frame, this.#plan.span.start, this.#model))
    this.#animation?.add(frame)
    this.#textures?.add(frame)
    if (this.#video || this.#display) this.#painter.paint(image, faces)
    await Promise.all([line, this.#video?.write(image, timestamp), this.#show(frame)])
  }

  /** Whether somebody has closed the display. */
  get isClosed(): boolean {
    return this.#display?.hasFinished ?? false
  }

  /** Makes all files whole, then gives them their names. @returns why the video has no sound, where that should be there and is not. */
  async commit(sound: Soundtrack | undefined): Promise<string | undefined> {
    const problem = await this.#video?.finish(sound)
    if (this.#animation) this.#glb!.write(await this.#animation.write(await this.#textures!.encode()))
    this.#json?.finish()
    const files = [this.#video, this.#glb, this.#json]
    for (const file of files) file?.check()
    for (const file of files) file?.commit()
    await this.#display?.finish()
    return problem
  }

  /** Leaves nothing of what has no name yet. Synchronous, for an exit. */
  discard(): void {
    this.#stdout?.release()
    this.#json?.discard()
    this.#glb?.discard()
    this.#video?.discard()
    this.#display?.abort()
  }

  async #show({ image, timestamp }: TrackedFrame): Promise<void> {
    try {
      await this.#display?.write(image, timestamp)
    } catch (error) {
      if (!this.isClosed) throw error
    }
  }

  async #writeLine(line: object): Promise<void> {
    const target = this.#json ?? this.#stdout
    await target?.write(JSON.stringify(line))
  }
}

function playerArgs(name: string): string[] {
  const window = ['-hide_banner', '-loglevel', 'error', '-autoexit', '-window_title', `3ddfa: ${name}`]
  return [...window, '-fflags', 'nobuffer', '-f', 'matroska', '-i', 'pipe:0']
}
