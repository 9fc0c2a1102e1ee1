import type { MorphableModel } from '@3ddfa/core'
import { loadUvTopology, type ModelStore } from '@3ddfa/models/node'
import type { Console } from './console.ts'
import { CliError, EXIT } from './errors.ts'
import { gridSurface, type Surface } from './outputs/surface.ts'
import { prepareModels } from './store.ts'

/** The meshes that `--topology` names: the face model's own, or PRNet's UV mesh. */
export const TOPOLOGIES = ['model', 'prnet'] as const

export type TopologyName = (typeof TOPOLOGIES)[number]

/**
 * The mesh for the outputs; undefined for the face model's own.
 * @param model of the faces that are to be shown.
 * @throws {CliError} when its files are not here, or it is not known where it lies on the model.
 */
export async function openSurface(
  topology: TopologyName,
  { id, vertexCount }: Pick<MorphableModel, 'id' | 'vertexCount'>,
  store: ModelStore,
  console: Console,
): Promise<Surface | undefined> {
  if (topology === 'model') return undefined
  await prepareModels(store, ['prnet-uv'], console)
  const uvModel = await loadUvTopology(store)
  const own = uvModel.topology.cells.length
  const known = uvModel.correspondence.vertexCount
  if (vertexCount !== known && vertexCount !== own)
    throw new CliError(
      `--topology prnet lies on the Basel face model (${known} vertices) but the model of the faces is ${id} (${vertexCount}); give --model mb05.`,
      EXIT.usage,
    )
  return gridSurface(uvModel)
}
