import { type FaceAligner, PositionMapRegressor } from '@3ddfa/core'
import { loadUvTopology, type ModelStore } from '@3ddfa/models/node'
import type { Console } from './console.ts'
import { CliError, EXIT } from './errors.ts'
import { gridSurface, modelSurface, type Surface, topologySurface } from './outputs/surface.ts'
import { prepareModels } from './store.ts'

/** The meshes that `--topology` names: the face model's own, or PRNet's UV mesh. */
export const TOPOLOGIES = ['model', 'prnet'] as const

export type TopologyName = (typeof TOPOLOGIES)[number]

export interface SurfaceChoice {
  readonly topology: TopologyName
  /** Side of position maps, where any are made. */
  readonly posmapSize?: number
  /** Whether the mesh has to have expressions. */
  readonly morphTargets?: boolean
}

/**
 * The mesh for the outputs of an aligner's faces.
 * @throws {CliError} when its files are not here, it is not known where it lies on the model, it has no expressions that are asked for,
 * or position maps are too small for it.
 */
export async function openSurface(
  choice: SurfaceChoice,
  { meshRegressor, model }: Pick<FaceAligner, 'meshRegressor' | 'model'>,
  store: ModelStore,
  console: Console,
): Promise<Surface> {
  if (choice.morphTargets && model.expressionCount === 0)
    throw new CliError(
      `Expected a model with expressions for --morph-targets but received ${model.id}; give --model open or mb05.`,
      EXIT.usage,
    )
  if (meshRegressor instanceof PositionMapRegressor) {
    checkMapSize(choice, meshRegressor.topology)
    return topologySurface(meshRegressor.topology)
  }
  if (choice.topology === 'model') return modelSurface(model)
  await prepareModels(store, ['prnet-uv'], console)
  const uvModel = await loadUvTopology(store)
  const known = uvModel.correspondence.vertexCount
  if (model.vertexCount !== known)
    throw new CliError(
      `--topology prnet lies on the Basel face model (${known} vertices) but the model of the faces is ${model.id} (${model.vertexCount}); give --model mb05.`,
      EXIT.usage,
    )
  checkMapSize(choice, uvModel.topology)
  return gridSurface(uvModel)
}

/** A cell holds one vertex: smaller maps would lose some. */
function checkMapSize({ posmapSize = Infinity }: SurfaceChoice, { size }: { readonly size: number }): void {
  if (posmapSize < size)
    throw new CliError(
      `Expected at least ${size} for --posmap-size, which position maps of PRNet's mesh have, but received ${posmapSize}.`,
      EXIT.usage,
    )
}
