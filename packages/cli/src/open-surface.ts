import { loadUvTopology, type ModelStore } from '@3ddfa/models/node'
import type { Console } from './console.ts'
import { gridSurface, type Surface } from './outputs/surface.ts'
import { prepareModels } from './store.ts'

/** The meshes that `--topology` names: the face model's own, or PRNet's UV mesh. */
export const TOPOLOGIES = ['model', 'prnet'] as const

export type TopologyName = (typeof TOPOLOGIES)[number]

/**
 * The mesh for the outputs; undefined for the face model's own.
 * @throws {CliError} when its files are not here.
 */
export async function openSurface(
  topology: TopologyName,
  store: ModelStore,
  console: Console,
): Promise<Surface | undefined> {
  if (topology === 'model') return undefined
  await prepareModels(store, ['prnet-uv'], console)
  return gridSurface(await loadUvTopology(store))
}
