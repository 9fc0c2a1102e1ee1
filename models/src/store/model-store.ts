import { readFile, stat } from 'node:fs/promises'
import { delimiter, join, resolve, sep } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import envPaths from 'env-paths'
import { type Artifact, LICENCES, MANIFEST, type Manifest, type UpstreamFile } from '../manifest.ts'
import { DOWNLOAD_DEFAULTS, DownloadError, type DownloadOptions, download } from './download.ts'
import { exists, gitBlobId, sha256, sweep, writeAtomically } from './files.ts'
import { findLocal, findStandIn } from './local-sources.ts'

/** Raised when what the importer writes changes: older artefacts are made again. */
export const IMPORTER_VERSION = 1

/** What is `undefined` is as it would be without. */
type Overrides<T> = { readonly [K in keyof T]?: T[K] | undefined }

export interface ModelStoreOptions extends Overrides<Omit<DownloadOptions, 'onProgress' | 'signal'>> {
  /** Where models are kept; else the environment's TDFA_CACHE_DIR, else the platform's cache folder. */
  readonly cacheDir?: string | undefined
  /** Local folders that are asked before the network; else the environment's TDFA_MODEL_SOURCES (separated as PATH is). */
  readonly sources?: readonly string[] | undefined
  /** Never use the network. */
  readonly offline?: boolean | undefined
  /** Hears of stand-ins; `console.warn` unless given. */
  readonly onWarning?: ((message: string) => void) | undefined
  /** Hears how a download goes: bytes so far, and in all where that is known. */
  readonly onProgress?: ((file: string, received: number, total: number | undefined) => void) | undefined
  readonly manifest?: Manifest | undefined
}

/** Of one call that may take a while. */
export interface BringOptions {
  /** Ends the wait: the call rejects with its reason. What was downloaded by then is kept and continued by the next call. */
  readonly signal?: AbortSignal | undefined
}

/** Kept beside each artefact: what it was made from. */
export interface ArtifactRecord {
  readonly artifact: string
  readonly importer: number
  readonly sha256: string
  readonly bytes: number
  readonly inputs: readonly { readonly file: string; readonly blobId: string; readonly standIn: boolean }[]
}

export interface ArtifactStatus {
  readonly artifact: Artifact
  /** `outdated`: made by an older importer. */
  readonly state: 'missing' | 'ready' | 'outdated'
  readonly standIn: boolean
  readonly path: string
  readonly bytes: number | undefined
}

/** What `verify` found. */
export interface Verification {
  readonly id: string
  readonly ok: boolean
  readonly message: string
}

/** A model that is not there, or could not be brought. The message says what to do. */
export class ModelStoreError extends Error {
  override name = 'ModelStoreError'
}

/** The folder that models are kept in cannot be written. */
export class ModelFolderError extends ModelStoreError {
  override name = 'ModelFolderError'
}

interface Located {
  readonly path: string
  readonly blobId: string
  readonly standIn: boolean
}

/** Models on disk: pinned upstream files in, ready `.onnx` and `.safetensors` out. */
export class ModelStore {
  readonly cacheDir: string
  readonly manifest: Manifest
  readonly #sources: readonly string[]
  readonly #options: ModelStoreOptions

  constructor(options: ModelStoreOptions = {}) {
    this.#options = options
    this.manifest = options.manifest ?? MANIFEST
    this.cacheDir = options.cacheDir ?? (process.env.TDFA_CACHE_DIR || envPaths('3ddfa', { suffix: '' }).cache)
    this.#sources = options.sources ?? (process.env.TDFA_MODEL_SOURCES ?? '').split(delimiter).filter(Boolean)
  }

  /** The state of every artefact; reads records, hashes nothing. */
  async list(): Promise<ArtifactStatus[]> {
    return Promise.all(
      this.manifest.artifacts.map(async (artifact) => {
        const record = await this.#record(artifact)
        const state = record === undefined ? 'missing' : record.importer === IMPORTER_VERSION ? 'ready' : 'outdated'
        return {
          artifact,
          state,
          standIn: record !== undefined && isStandIn(record),
          path: this.#path(artifact),
          bytes: record?.bytes,
        } as const
      }),
    )
  }

  /**
   * Path of a ready artefact. Warns, each time, when it was made from a stand-in.
   * @throws {ModelStoreError} when it is missing, naming the command that brings it.
   */
  async path(id: string): Promise<string> {
    const artifact = this.#artifact(id)
    const record = await this.#record(artifact)
    if (record?.importer !== IMPORTER_VERSION)
      throw new ModelStoreError(
        `The model ${id} is not here (looked in ${this.cacheDir}); bring it with: 3ddfa models pull ${id}`,
      )
    this.#warn(artifact, record)
    return this.#path(artifact)
  }

  /** Path of an artefact, brought first when it is missing. */
  async ensure(id: string, options?: BringOptions): Promise<string> {
    const artifact = this.#artifact(id)
    if ((await this.#record(artifact))?.importer !== IMPORTER_VERSION) await this.pull([id], options)
    return this.path(id)
  }

  /**
   * Brings artefacts (all that can be brought, unless named): each upstream file from the cache, the local sources, the network,
   * in this order, and where none has it from a stand-in in the local sources. Ready artefacts are left alone.
   * @throws {ModelStoreError} when a file cannot be had. What `signal` and `onProgress` throw comes as it is.
   */
  async pull(ids?: readonly string[], { signal }: BringOptions = {}): Promise<void> {
    await sweep(join(this.cacheDir, 'artifacts'))
    const wanted = ids
      ? ids.map((id) => this.#artifact(id))
      : this.manifest.artifacts.filter((a) => Object.values(a.inputs).every((id) => this.#file(id).source))
    for (const artifact of wanted) {
      const record = await this.#record(artifact)
      // What a stand-in made is replaced as soon as the published file is in a local folder.
      if (record?.importer === IMPORTER_VERSION && !(isStandIn(record) && (await this.#publishedIsLocal(artifact))))
        continue
      await this.#make(artifact, {}, signal)
    }
  }

  /** Makes an artefact with files of the caller's for some roles (`checkpoint`, `bfm`, ...); the others are brought. Returns its path. */
  async importLocal(id: string, files: Readonly<Record<string, string>>): Promise<string> {
    const artifact = this.#artifact(id)
    for (const role of Object.keys(files))
      if (!(role in artifact.inputs))
        throw new ModelStoreError(
          `${id} has no file ${role}; it is made from: ${Object.keys(artifact.inputs).join(', ')}`,
        )
    await this.#make(artifact, files)
    return this.path(id)
  }

  /** Imports a regressor's checkpoint that no manifest knows; kept under its content's hash. Returns the path of the .onnx. */
  async importCheckpoint(path: string): Promise<string> {
    const blobId = await blobIdOf(path)
    const artifact: Artifact = {
      id: `checkpoint-${blobId.slice(0, 12)}`,
      kind: 'regressor',
      description: path,
      file: `checkpoint-${blobId.slice(0, 12)}.onnx`,
      inputs: { checkpoint: 'mb05', meanStd: 'param-mean-std' },
    }
    if ((await this.#record(artifact))?.importer !== IMPORTER_VERSION) await this.#make(artifact, { checkpoint: path })
    return this.#path(artifact)
  }

  /**
   * Imports a checkpoint of PRNet's network; kept under the hash of its index, which holds the checksums of all the rest.
   * @param path of `NAME.index`, of `NAME.data-00000-of-00001` or just `NAME`. @returns the path of the .onnx.
   */
  async importPositionMap(path: string): Promise<string> {
    const base = path.replace(/\.(index|data-00000-of-00001|meta)$/, '')
    const files = { index: `${base}.index`, data: `${base}.data-00000-of-00001` }
    const id = `checkpoint-${(await blobIdOf(files.index)).slice(0, 12)}`
    const inputs = { index: 'prnet-index', data: 'prnet-data' }
    const artifact: Artifact = { id, kind: 'position-map', description: path, file: `${id}.onnx`, inputs }
    if ((await this.#record(artifact))?.importer !== IMPORTER_VERSION) await this.#make(artifact, files)
    return this.#path(artifact)
  }

  /** Contents of the upstream files of an artefact by role: those given, the others brought. */
  async readInputs(id: string, given: Readonly<Record<string, string>> = {}): Promise<Record<string, Uint8Array>> {
    return contentsOf(await this.#locateInputs(this.#artifact(id), given))
  }

  /** Hashes artefacts again and compares with what was recorded. */
  async verify(ids?: readonly string[]): Promise<Verification[]> {
    const artifacts = ids ? ids.map((id) => this.#artifact(id)) : this.manifest.artifacts
    const results: Verification[] = []
    for (const artifact of artifacts) {
      const record = await this.#record(artifact)
      if (!record) {
        if (ids)
          results.push({
            id: artifact.id,
            ok: false,
            message: `not here; bring it with: 3ddfa models pull ${artifact.id}`,
          })
        continue
      }
      const ok = (await sha256(this.#path(artifact))) === record.sha256
      results.push({
        id: artifact.id,
        ok,
        message: ok
          ? isStandIn(record)
            ? 'intact (made from a stand-in)'
            : 'intact'
          : `damaged; remove ${this.#path(artifact)} and pull again`,
      })
    }
    return results
  }

  /** The upstream files of artefacts with their licences. */
  licences(): { file: UpstreamFile; licence: (typeof LICENCES)[keyof typeof LICENCES]; usedBy: string[] }[] {
    return this.manifest.files.map((file) => ({
      file,
      licence: LICENCES[file.licence],
      usedBy: this.manifest.artifacts.filter((a) => Object.values(a.inputs).includes(file.id)).map((a) => a.id),
    }))
  }

  #artifact(id: string): Artifact {
    const artifact = this.manifest.artifacts.find((a) => a.id === id)
    if (!artifact)
      throw new ModelStoreError(
        `There is no model ${JSON.stringify(id)}; known are: ${this.manifest.artifacts.map((a) => a.id).join(', ')}`,
      )
    return artifact
  }

  #file(id: string): UpstreamFile {
    return this.manifest.files.find((file) => file.id === id)!
  }

  #path(artifact: Artifact): string {
    return join(this.cacheDir, 'artifacts', artifact.file)
  }

  /** The record of an artefact whose file is there with the recorded size. The record is written last, so both are whole. */
  async #record(artifact: Artifact): Promise<ArtifactRecord | undefined> {
    const path = this.#path(artifact)
    try {
      const record: unknown = JSON.parse(await readFile(`${path}.json`, 'utf8'))
      return isRecord(record) && (await stat(path)).size === record.bytes ? record : undefined
    } catch {
      return undefined
    }
  }

  async #make(artifact: Artifact, given: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    try {
      await this.#write(artifact, given, signal)
    } catch (error) {
      throw this.#ofFolder(error) ?? error
    }
  }

  /** The error in words, where it says that the folder cannot be written. */
  #ofFolder(error: unknown): ModelFolderError | undefined {
    const { errno, syscall, path = this.cacheDir } = error as NodeJS.ErrnoException
    const [own, other] = [resolve(this.cacheDir), resolve(path)]
    const isOwn = `${other}${sep}`.startsWith(`${own}${sep}`) || `${own}${sep}`.startsWith(`${other}${sep}`)
    if (errno === undefined || syscall === 'read' || !isOwn) return undefined
    const reason = getSystemErrorMap().get(errno)?.[1] ?? (error as Error).message
    return new ModelFolderError(
      `The folder of models ${this.cacheDir} cannot be written: ${reason}; name another with --cache or TDFA_CACHE_DIR.`,
    )
  }

  async #write(
    artifact: Artifact,
    given: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const located = await this.#locateInputs(artifact, given, signal)
    const files = await contentsOf(located)
    signal?.throwIfAborted()
    const standIn = Object.values(located).some((file) => file.standIn)
    // The importer is loaded only here: a program that finds its models ready never pays for it.
    const { importArtifact } = await import('./import-artifact.ts')
    const data = importArtifact(artifact, files, standIn)
    await writeAtomically(this.#path(artifact), data)
    const record: ArtifactRecord = {
      artifact: artifact.id,
      importer: IMPORTER_VERSION,
      sha256: await sha256(this.#path(artifact)),
      bytes: data.length,
      inputs: Object.entries(located).map(([role, file]) => ({
        file: given[role] ? `${role} given by the user` : artifact.inputs[role]!,
        blobId: file.blobId,
        standIn: file.standIn,
      })),
    }
    await writeAtomically(`${this.#path(artifact)}.json`, `${JSON.stringify(record, null, 2)}\n`)
  }

  async #locateInputs(
    artifact: Artifact,
    given: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Record<string, Located>> {
    const located: Record<string, Located> = {}
    for (const [role, id] of Object.entries(artifact.inputs)) {
      const path = given[role]
      located[role] =
        path === undefined
          ? await this.#locate(this.#file(id), signal)
          : { path, blobId: await blobIdOf(path), standIn: false }
    }
    return located
  }

  async #locate(file: UpstreamFile, signal: AbortSignal | undefined): Promise<Located> {
    if (!file.source || !file.blobId)
      throw new ModelStoreError(file.note ?? `${file.id} is not published in a repository.`)
    const cached = join(this.cacheDir, 'downloads', file.blobId)
    if (await exists(cached)) return { path: cached, blobId: file.blobId, standIn: false }
    const local = await findLocal(file, this.#sources)
    if (local) return { path: local, blobId: file.blobId, standIn: false }
    const failure = await this.#download(file, cached, signal)
    if (!failure) return { path: cached, blobId: file.blobId, standIn: false }
    const standIn = await findStandIn(file, this.manifest, this.#sources)
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
    if (this.#options.offline)
      return new DownloadError(`${file.id} is in no local folder and the network is switched off`)
    const given = Object.entries(this.#options).filter(([, value]) => value !== undefined)
    try {
      await download(file, target, { ...DOWNLOAD_DEFAULTS, fetch, ...Object.fromEntries(given), signal })
      return undefined
    } catch (error) {
      if (error instanceof DownloadError) return error
      throw error
    }
  }

  async #publishedIsLocal(artifact: Artifact): Promise<boolean> {
    for (const { replaces } of this.manifest.standIns)
      if (Object.values(artifact.inputs).includes(replaces) && (await findLocal(this.#file(replaces), this.#sources)))
        return true
    return false
  }

  #warn(artifact: Artifact, record: ArtifactRecord): void {
    for (const input of record.inputs.filter((i) => i.standIn)) {
      const note = this.manifest.standIns.find((s) => s.blobId === input.blobId)?.note
      ;(this.#options.onWarning ?? console.warn)(
        `${artifact.id} was made from a stand-in for the published ${this.#file(input.file)?.source?.path ?? input.file}: ${note}.`,
      )
    }
  }
}

async function contentsOf(located: Readonly<Record<string, Located>>): Promise<Record<string, Uint8Array>> {
  const entries = Object.entries(located).map(async ([role, { path }]) => [role, await readFile(path)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

function isRecord(value: unknown): value is ArtifactRecord {
  const { importer, sha256, inputs } = (value ?? {}) as Partial<ArtifactRecord>
  const isInput = (input: Partial<ArtifactRecord['inputs'][number]> | null) =>
    typeof input?.file === 'string' && typeof input.blobId === 'string'
  return typeof importer === 'number' && typeof sha256 === 'string' && Array.isArray(inputs) && inputs.every(isInput)
}

function isStandIn(record: ArtifactRecord): boolean {
  return record.inputs.some((input) => input.standIn)
}

async function blobIdOf(path: string): Promise<string> {
  try {
    return await gitBlobId(path)
  } catch {
    throw new ModelStoreError(`Expected a readable file of at most 1 GiB but there is none at ${path}.`)
  }
}

/** The models of this machine (and user). */
export function openModelStore(options?: ModelStoreOptions): ModelStore {
  return new ModelStore(options)
}
