import { WebModelError } from './web-model-error.ts'

/** Name of the list that lies beside the models. */
export const WEB_MANIFEST = 'models.json'

/** A model as a web server has it. */
export interface WebModel {
  readonly id: string
  /** Beside the list; named after its content, so that it may be cached for ever. */
  readonly file: string
  readonly bytes: number
  /** Of the content, hexadecimal. */
  readonly sha256: string
  readonly licences: readonly string[]
  /** What a user should be told, such as that a stand-in took a published file's place. */
  readonly notes: readonly string[]
}

export interface WebManifest {
  readonly version: 1
  readonly models: readonly WebModel[]
}

const FILE = /^[\w-]+(\.[\w-]+)+$/

/** @throws {WebModelError} when the text is no list of models. */
export function parseWebManifest(text: string, url: string): WebManifest {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new WebModelError(
      `Expected a list of models at ${url} but received something else; export one with: 3ddfa models export DIR`,
    )
  }
  const { version, models } = (parsed ?? {}) as Partial<WebManifest>
  const sound = version === 1 && Array.isArray(models) && models.every(isWebModel)
  if (!sound)
    throw new WebModelError(
      `The list of models at ${url} is of another version; export it again with: 3ddfa models export DIR`,
    )
  return { version, models }
}

function isWebModel(value: unknown): value is WebModel {
  const { id, file, bytes, sha256, licences, notes } = (value ?? {}) as Partial<WebModel>
  return (
    typeof id === 'string' &&
    typeof file === 'string' &&
    FILE.test(file) &&
    Number.isSafeInteger(bytes) &&
    bytes! > 0 &&
    bytes! < 2 ** 30 &&
    /^[0-9a-f]{64}$/.test(sha256 ?? '') &&
    isTexts(licences) &&
    isTexts(notes)
  )
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}
