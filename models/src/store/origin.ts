import { type Artifact, LICENCES, type Manifest, type UpstreamFile } from '../manifest.ts'
import { type ArtifactRecord, givenRoles, isStandIn } from './artifact-record.ts'

/** Where the files came from that an artefact was made from. */
export interface Origin {
  /**
   * `own`: a file of the user's took a published one's place; `by-hand`: one of the user's is such as only a user can bring, and since
   * no hash pins those, whether it is the published one cannot be known; undefined for what is not here.
   */
  readonly origin: 'published' | 'own' | 'by-hand' | undefined
  /** What a user should be told of it ("made from ..."), where not all files are the published ones. */
  readonly note: string | undefined
  /** Names of the licences of its files; a user's file is not taken to have the published one's. */
  readonly licences: readonly string[]
}

/** A user's file by its role, and the published file whose place it has. */
export interface OwnFile {
  readonly role: string
  readonly published: UpstreamFile
}

/** The files of the user's that are not pinned ones. */
export function ownFiles(artifact: Artifact, record: ArtifactRecord, manifest: Manifest): OwnFile[] {
  const roles = givenRoles(record)
  return inputsOf(artifact, manifest).filter(({ role }) => roles.includes(role))
}

export function originOf(artifact: Artifact, record: ArtifactRecord | undefined, manifest: Manifest): Origin {
  const own = record ? ownFiles(artifact, record, manifest) : []
  const replaces = own.some(({ published }) => published.source)
  const parts = [
    ...(record && isStandIn(record) ? ['a stand-in'] : []),
    ...(replaces ? ["a user's file in place of the published one"] : []),
    ...(own.length > 0 && !replaces ? ["a user's file that could not be compared with the published one"] : []),
  ]
  const licences = inputsOf(artifact, manifest).map(({ role, published }) =>
    own.some((file) => file.role === role) ? "not known (a user's file)" : LICENCES[published.licence].name,
  )
  return {
    origin: record && (replaces ? 'own' : own.length > 0 ? 'by-hand' : 'published'),
    note: parts.length > 0 ? `made from ${parts.join(' and ')}` : undefined,
    licences: [...new Set(licences)],
  }
}

function inputsOf({ inputs }: Artifact, manifest: Manifest): OwnFile[] {
  return Object.entries(inputs).map(([role, id]) => ({
    role,
    published: manifest.files.find((file) => file.id === id)!,
  }))
}
