import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact, Manifest, UpstreamFile } from '../manifest.ts'
import { DOWNLOAD_DEFAULTS, DownloadError, type DownloadOptions, download } from './download.ts'
import { exists, gitBlobId } from './files.ts'
import { findLocal, findStandIn } from './local-sources.ts'
import { ModelStoreError } from './model-store-error.ts'

/** What is `undefined` is as it would be without. */
type Overrides<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** How files are had over the network. */
export interface NetworkOptions extends Overrides<Omit<DownloadOptions, 'signal'>> {
  /** Never use the network. */
  readonly offline?: boolean | undefined
}

/** A file that an artefact is made from. */
export interface InputFile {
  readonly path: string
  readonly blobId: string
  readonly standIn: boolean
  /** A user's, and none of the pinned ones. */
  readonly own?: boolean
}

/** The published files that models are made from: where they are on this machine, and how they get here. */
export class UpstreamFiles {
  readonly #manifest: Manifest
  readonly #downloads: string
  readonly #sources: readonly string[]
  readonly #network: NetworkOptions

  /** @param downloads the folder that downloads are kept in. @param sources local folders that are asked before the network. */
  constructor(manifest: Manifest, downloads: string, sources: readonly string[], network: NetworkOptions) {
    this.#manifest = manifest
    this.#downloads = downloads
    this.#sources = sources
    this.#network = network
  }

  /**
   * The files of an artefact by role: those that the caller has, the others brought.
   * @param exact roles for which a stand-in will not do.
   * @throws {ModelStoreError} when one cannot be had.
   */
  async inputsOf(
    { inputs }: Artifact,
    given: Readonly<Record<string, string>>,
    { signal, exact = [] }: { readonly signal?: AbortSignal | undefined; readonly exact?: readonly string[] } = {},
  ): Promise<Record<string, InputFile>> {
    const found: Record<string, InputFile> = {}
    for (const [role, id] of Object.entries(inputs)) {
      const path = given[role]
      const file = this.find(id)!
      found[role] =
        path === undefined ? await this.#bring(file, signal, !exact.includes(role)) : await this.#given(file, path)
    }
    return found
  }

  find(id: string): UpstreamFile | undefined {
    return this.#manifest.files.find((file) => file.id === id)
  }

  /** Where the file of an artefact is that only a user can bring; undefined where there is none. */
  byHand({ inputs }: Artifact): string | undefined {
    return Object.values(inputs)
      .map((id) => this.find(id)!)
      .find(({ source }) => !source)?.note
  }

  /** Whether a local folder has the published file of which a stand-in is known. */
  async canReplaceStandIn({ inputs }: Artifact): Promise<boolean> {
    for (const { replaces } of this.#manifest.standIns)
      if (Object.values(inputs).includes(replaces) && (await findLocal(this.find(replaces)!, this.#sources)))
        return true
    return false
  }

  /** A file of the user's. Its content tells whether it is the published one (or a stand-in for it) after all. */
  async #given({ id, blobId: pinned, twins = [] }: UpstreamFile, path: string): Promise<InputFile> {
    const blobId = await blobIdOf(path)
    const standIn = this.#manifest.standIns.some((file) => file.replaces === id && file.blobId === blobId)
    const isPublished = blobId === pinned || twins.some((twin) => twin.blobId === blobId)
    return { path, blobId, standIn, own: !standIn && !isPublished }
  }

  async #bring(file: UpstreamFile, signal: AbortSignal | undefined, orStandIn: boolean): Promise<InputFile> {
    if (!file.source || !file.blobId)
      throw new ModelStoreError(file.note ?? `${file.id} is not published in a repository.`)
    const cached = join(this.#downloads, file.blobId)
    if (await exists(cached)) return { path: cached, blobId: file.blobId, standIn: false }
    const local = await findLocal(file, this.#sources)
    if (local) return { path: local, blobId: file.blobId, standIn: false }
    const failure = await this.#download(file, cached, signal)
    if (!failure) return { path: cached, blobId: file.blobId, standIn: false }
    const standIn = orStandIn && (await findStandIn(file, this.#manifest, this.#sources))
    if (standIn) return { path: standIn.path, blobId: standIn.blobId, standIn: true }
    throw new ModelStoreError(
      `${failure.message}. Give a folder that has ${file.source.path} with --from DIR or TDFA_MODEL_SOURCES.`,
      { cause: failure },
    )
  }

  /** Undefined when it worked, else why not. */
  async #download(
    file: UpstreamFile,
    target: string,
    signal: AbortSignal | undefined,
  ): Promise<DownloadError | undefined> {
    if (this.#network.offline)
      return new DownloadError(`${file.id} is in no local folder and the network is switched off`)
    const given = Object.entries(this.#network).filter(([, value]) => value !== undefined)
    try {
      await download(file, target, { ...DOWNLOAD_DEFAULTS, fetch, ...Object.fromEntries(given), signal })
      return undefined
    } catch (error) {
      if (error instanceof DownloadError) return error
      throw error
    }
  }
}

/** Contents of files by role. */
export async function contentsOf(files: Readonly<Record<string, InputFile>>): Promise<Record<string, Uint8Array>> {
  const entries = Object.entries(files).map(async ([role, { path }]) => [role, await readFile(path)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

/** Git's id of a file of the caller's. @throws {ModelStoreError} when it cannot be read. */
export async function blobIdOf(path: string): Promise<string> {
  try {
    return await gitBlobId(path)
  } catch {
    throw new ModelStoreError(`Expected a readable file of at most 1 GiB but there is none at ${path}.`)
  }
}
