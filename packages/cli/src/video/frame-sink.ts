import type { ImageView } from '@3ddfa/core'
import { CliError } from '../errors.ts'
import { reason } from './probe.ts'
import { matroskaFrameHeader, matroskaHeader } from './raw-matroska.ts'
import { startTool, type Tool } from './tool.ts'

/** A program of ffmpeg that takes frames on its stdin, as fast as it can. */
export class FrameSink {
  readonly #tool: Tool
  readonly #what: string

  /** @param what it makes, for messages. @param args of which `pipe:0` is the input, Matroska. */
  constructor(
    tool: 'ffmpeg' | 'ffplay',
    args: readonly string[],
    info: { readonly width: number; readonly height: number; readonly frameRate: number },
    what: string,
  ) {
    this.#what = what
    this.#tool = startTool(tool, args, ['pipe', 'ignore', 'pipe'])
    // Writes fail with it; those tell.
    this.#tool.child.stdin!.on('error', () => {})
    this.#tool.child.stdin!.write(matroskaHeader(info))
  }

  /** Done when the picture may be used again. @throws {CliError} when the program has ended. */
  async write(image: ImageView, time: number): Promise<void> {
    const stdin = this.#tool.child.stdin!
    const bytes = Buffer.from(image.data.buffer, image.data.byteOffset, image.data.byteLength)
    stdin.cork()
    stdin.write(matroskaFrameHeader(time, bytes.length))
    const written = new Promise<boolean>((resolve) => stdin.write(bytes, (error) => resolve(!error)))
    stdin.uncork()
    if (!(await written)) await this.#fail()
  }

  /** Waits until all is done. @throws {CliError} when it did not work. */
  async finish(): Promise<void> {
    this.#tool.child.stdin!.end()
    if ((await this.#tool.ended) !== 0) await this.#fail()
  }

  /** Ends it at once; what it has made is of no use. */
  abort(): void {
    this.#tool.child.kill('SIGKILL')
  }

  /** Whether the program has ended by itself, and well. */
  get hasFinished(): boolean {
    return this.#tool.child.exitCode === 0
  }

  async #fail(): Promise<never> {
    await this.#tool.ended
    throw new CliError(`${this.#what} cannot be made: ${reason(this.#tool.complaints())}.`)
  }
}
