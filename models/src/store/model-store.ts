import { createHash } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { delimiter, join, resolve, sep } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import envPaths from 'env-paths'
import { type Artifact, LICENCES, MANIFEST, type Manifest, type UpstreamFile } from '../manifest.ts'
import { type ArtifactRecord, givenFile, IMPORTER_VERSION, isRecord, isStandIn } from './artifact-record.ts'
import { sha256, sweep, writeAtomically } from './files.ts'
import { withLock } from './lock.ts'
import { ModelFolderError, ModelStoreError } from './model-store-error.ts'
import { type Origin, originOf, ownFiles } from './origin.ts'
import { blobIdOf, contentsOf, type NetworkOptions, UpstreamFiles } from './upstream-files.ts'

export interface ModelStoreOptions extends NetworkOptions {
  /** Where models are kept; else the environment's TDFA_CACHE_DIR, else the platform's cache folder. */
  readonly cacheDir?: string | undefined
  /** Local folders that are asked before the network; else the environment's TDFA_MODEL_SOURCES (separated as PATH is). */
  readonly sources?: readonly string[] | undefined
  /** Hears of stand-ins and of a user's files in place of published ones; `console.warn` unless given. */
  readonly onWarning?: ((message: string) => void) | undefined
  readonly manifest?: Manifest | undefined
}

/** Of one call that may take a while. */
export interface BringOptions {
  /** Ends the wait: the call rejects with its reason. What was downloaded by then is kept and continued by the next call. */
  readonly signal?: AbortSignal | undefined
}

export interface ArtifactStatus extends Origin {
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

interface MakeOptions extends BringOptions {
  /** Roles for which a stand-in will not do. */
  readonly exact?: readonly string[]
}

/** Models on disk: pinned upstream files in, ready `.onnx` and `.safetensors` out. */
export class ModelStore {
  readonly cacheDir: string
  readonly manifest: Manifest
  readonly #upstream: UpstreamFiles
  readonly #onWarning: (message: string) => void
  /** What `onProgress` threw: the caller's, whatever it looks like. */
  readonly #callersErrors = new WeakSet()

  constructor(options: ModelStoreOptions = {}) {
    this.manifest = options.manifest ?? MANIFEST
    this.cacheDir = options.cacheDir ?? (process.env.TDFA_CACHE_DIR || envPaths('3ddfa', { suffix: '' }).cache)
    const sources = options.sources ?? (process.env.TDFA_MODEL_SOURCES ?? '').split(delimiter).filter(Boolean)
    const { onProgress } = options
    const network = { ...options, onProgress: onProgress && this.#noting(onProgress) }
    this.#upstream = new UpstreamFiles(this.manifest, join(this.cacheDir, 'downloads'), sources, network)
    this.#onWarning = options.onWarning ?? ((message) => console.warn(message))
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
          ...originOf(artifact, record, this.manifest),
        } as const
      }),
    )
  }

  /**
   * Path of a ready artefact. Warns, each time, when it was made from a stand-in or from a user's file in place of a published one.
   * @throws {ModelStoreError} when it is missing, naming the command that brings it.
   */
  async path(id: string): Promise<string> {
    const artifact = this.#artifact(id)
    const record = await this.#record(artifact)
    if (record?.importer !== IMPORTER_VERSION)
      throw new ModelStoreError(`The model ${id} is not here (looked in ${this.cacheDir}); ${this.howToGet([id])}`)
    this.#warn(artifact, record)
    return this.#path(artifact)
  }

  /** What to do for artefacts that are missing: the command that brings them, and of those that no command can, where they are. */
  howToGet(ids: readonly string[]): string {
    const byHand = new Map(ids.map((id) => [id, this.#upstream.byHand(this.#artifact(id))]))
    const pulled = ids.filter((id) => !byHand.get(id))
    const command = `bring ${pulled.length === 1 ? 'it' : 'them'} with: 3ddfa models pull ${pulled.join(' ')}`
    return [...(pulled.length > 0 ? [command] : []), ...ids.flatMap((id) => byHand.get(id) ?? [])].join('; ')
  }

  /**
   * Path of an artefact, brought first when it is missing.
   * @throws {ModelStoreError} also when an older importer made it from a user's file, which only the user can do again.
   */
  async ensure(id: string, options?: BringOptions): Promise<string> {
    const artifact = this.#artifact(id)
    const record = await this.#record(artifact)
    if (record && record.importer !== IMPORTER_VERSION && ownFiles(artifact, record, this.manifest).length > 0)
      throw new ModelStoreError(`The model ${id} was made from a user's file by an older version; import it again.`)
    if (record?.importer !== IMPORTER_VERSION) await this.pull([id], options)
    return this.path(id)
  }

  /**
   * Brings artefacts (all that can be brought, unless named): each upstream file from the cache, the local sources, the network,
   * in this order, and where none has it from a stand-in in the local sources. Ready artefacts are left alone, but what a user's file
   * in a published one's place made is made again from the published one.
   * @throws {ModelStoreError} when a file cannot be had. What `signal` and `onProgress` throw comes as it is.
   */
  async pull(ids?: readonly string[], { signal }: BringOptions = {}): Promise<void> {
    await sweep(join(this.cacheDir, 'artifacts'))
    const wanted = ids
      ? ids.map((id) => this.#artifact(id))
      : this.manifest.artifacts.filter((a) => Object.values(a.inputs).every((id) => this.#upstream.find(id)?.source))
    for (const artifact of wanted) {
      const record = await this.#record(artifact)
      if (record?.importer === IMPORTER_VERSION && !(await this.#canBetter(artifact, record))) continue
      // A user's file gives way to the published one alone.
      const exact = record ? ownFiles(artifact, record, this.manifest).map(({ role }) => role) : []
      await this.#make(artifact, {}, { signal, exact })
    }
  }

  /** Whether a ready artefact gives way to the published one. */
  async #canBetter(artifact: Artifact, record: ArtifactRecord): Promise<boolean> {
    // What is made of a file that only the user can bring could not be made again.
    if (ownFiles(artifact, record, this.manifest).length > 0) return !this.#upstream.byHand(artifact)
    // What a stand-in made is replaced as soon as the published file is in a local folder.
    return isStandIn(record) && (await this.#upstream.canReplaceStandIn(artifact))
  }

  /**
   * Makes an artefact with files of the caller's for some roles (`checkpoint`, `bfm`, ...); the others are brought. A file that is not
   * the published one is told wherever the artefact is, until `pull` brings that. Returns its path.
   */
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
    return contentsOf(await this.#upstream.inputsOf(this.#artifact(id), given))
  }

  /** Hashes artefacts again and compares with what was recorded. */
  async verify(ids?: readonly string[]): Promise<Verification[]> {
    const artifacts = ids ? ids.map((id) => this.#artifact(id)) : this.manifest.artifacts
    const results: Verification[] = []
    for (const artifact of artifacts) {
      const path = this.#path(artifact)
      const record = await readRecord(path)
      const size = await sizeOf(path)
      if (!record || size === undefined) {
        if (ids)
          results.push({
            id: artifact.id,
            ok: false,
            message: `not here; ${this.howToGet([artifact.id])}`,
          })
        continue
      }
      const problem =
        size !== record.bytes
          ? `damaged: ${size} bytes in place of ${record.bytes}`
          : (await sha256(path)) !== record.sha256 && 'damaged'
      const { origin, note } = originOf(artifact, record, this.manifest)
      const intact = note === undefined ? 'intact' : `intact (${note})`
      const remedy = origin === 'published' ? `remove ${path} and pull again` : `${note}; import it again`
      results.push({ id: artifact.id, ok: !problem, message: problem ? `${problem}; ${remedy}` : intact })
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

  #path(artifact: Artifact): string {
    return join(this.cacheDir, 'artifacts', artifact.file)
  }

  /** The record of an artefact whose file is there with the recorded size. The record is written last, so both are whole. */
  async #record(artifact: Artifact): Promise<ArtifactRecord | undefined> {
    const path = this.#path(artifact)
    const record = await readRecord(path)
    return record && (await sizeOf(path)) === record.bytes ? record : undefined
  }

  #noting<T extends unknown[]>(call: (...args: T) => void): (...args: T) => void {
    return (...args) => {
      try {
        call(...args)
      } catch (error) {
        if (typeof error === 'object' && error) this.#callersErrors.add(error)
        throw error
      }
    }
  }

  async #make(artifact: Artifact, given: Readonly<Record<string, string>>, options: MakeOptions = {}): Promise<void> {
    try {
      await this.#write(artifact, given, options)
    } catch (error) {
      throw this.#ofFolder(error) ?? error
    }
  }

  /** The error in words, where it says that the folder cannot be written. */
  #ofFolder(error: unknown): ModelFolderError | undefined {
    if (this.#callersErrors.has(error as object)) return undefined
    const { errno, syscall, path = this.cacheDir } = error as NodeJS.ErrnoException
    const [own, other] = [resolve(this.cacheDir), resolve(path)]
    const isOwn = `${other}${sep}`.startsWith(`${own}${sep}`) || `${own}${sep}`.startsWith(`${other}${sep}`)
    if (errno === undefined || syscall === 'read' || !isOwn) return undefined
    const reason = getSystemErrorMap().get(errno)?.[1] ?? (error as Error).message
    return new ModelFolderError(
      `The folder of models ${this.cacheDir} cannot be written: ${reason}; name another with --cache or TDFA_CACHE_DIR.`,
    )
  }

  async #write(artifact: Artifact, given: Readonly<Record<string, string>>, options: MakeOptions): Promise<void> {
    const inputs = await this.#upstream.inputsOf(artifact, given, options)
    const files = await contentsOf(inputs)
    options.signal?.throwIfAborted()
    const all = Object.values(inputs)
    const suffix = all.some(({ standIn }) => standIn) ? '-standin' : all.some(({ own }) => own) ? '-own' : ''
    // The importer is loaded only here: a program that finds its models ready never pays for it.
    const { importArtifact } = await import('./import-artifact.ts')
    const data = importArtifact(artifact, files, suffix)
    const path = this.#path(artifact)
    const record: ArtifactRecord = {
      artifact: artifact.id,
      importer: IMPORTER_VERSION,
      sha256: createHash('sha256').update(data).digest('hex'),
      bytes: data.length,
      inputs: Object.entries(inputs).map(([role, file]) => ({
        file: file.own ? givenFile(role) : artifact.inputs[role]!,
        blobId: file.blobId,
        standIn: file.standIn,
      })),
    }
    // One at a time, or one run's record would stand beside another's file.
    await withLock(`${path}.lock`, async () => {
      // Without a record there is no model: a run that ends between the two leaves none, not one that passes for the last.
      await writeAtomically(path, data, () => rm(`${path}.json`, { force: true }))
      await writeAtomically(`${path}.json`, `${JSON.stringify(record, null, 2)}\n`)
    })
  }

  #warn(artifact: Artifact, record: ArtifactRecord): void {
    const remedy = this.#upstream.byHand(artifact) ? '' : `, which comes back with: 3ddfa models pull ${artifact.id}`
    // Of what only a user can bring there is no other to be taken for: the list and `verify` tell it, uses do not.
    for (const { role, published } of ownFiles(artifact, record, this.manifest))
      if (published.source)
        this.#onWarning(
          `${artifact.id} was made from a user's file (${role}) in place of the published ${published.source.path}${remedy}.`,
        )
    for (const input of record.inputs.filter((i) => i.standIn)) {
      const note = this.manifest.standIns.find((s) => s.blobId === input.blobId)?.note
      this.#onWarning(
        `${artifact.id} was made from a stand-in for the published ${this.#upstream.find(input.file)?.source?.path ?? input.file}: ${note}.`,
      )
    }
  }
}

/** The models of this machine (and user). */
export function openModelStore(options?: ModelStoreOptions): ModelStore {
  return new ModelStore(options)
}

/** What is known of the artefact at `path`; undefined when nothing is, or nothing that can be read. */
async function readRecord(path: string): Promise<ArtifactRecord | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(`${path}.json`, 'utf8'))
    return isRecord(record) ? record : undefined
  } catch {
    return undefined
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size
}
