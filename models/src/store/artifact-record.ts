/** Raised when what the importer writes changes: older artefacts are made again. */
export const IMPORTER_VERSION = 1

/** Kept beside each artefact: what it was made from. */
export interface ArtifactRecord {
  readonly artifact: string
  readonly importer: number
  readonly sha256: string
  readonly bytes: number
  readonly inputs: readonly { readonly file: string; readonly blobId: string; readonly standIn: boolean }[]
}

/** Whether it is one: what lies in a cache may have been damaged. */
export function isRecord(value: unknown): value is ArtifactRecord {
  const { importer, sha256, inputs } = (value ?? {}) as Partial<ArtifactRecord>
  const isInput = (input: Partial<ArtifactRecord['inputs'][number]> | null) =>
    typeof input?.file === 'string' && typeof input.blobId === 'string'
  return typeof importer === 'number' && typeof sha256 === 'string' && Array.isArray(inputs) && inputs.every(isInput)
}

const GIVEN = ' given by the user'

/** What a record calls a file of the user's that is none of the pinned ones. */
export function givenFile(role: string): string {
  return `${role}${GIVEN}`
}

/** The roles of such files. */
export function givenRoles({ inputs }: ArtifactRecord): string[] {
  return inputs.filter(({ file }) => file.endsWith(GIVEN)).map(({ file }) => file.slice(0, -GIVEN.length))
}

/** Whether a stand-in took part. */
export function isStandIn(record: ArtifactRecord): boolean {
  return record.inputs.some((input) => input.standIn)
}
