import type { Backend } from './backend.ts'
import { expect, InvalidInputError } from './errors.ts'
import { createImage, type ImageView } from './image.ts'
import { mirrorImage, ParamMirror } from './mirror.ts'
import { type FaceParams, type MorphableModel, splitParams } from './model.ts'
import type { PositionMap } from './position-map/position-map.ts'
import type { ParamRegressor } from './regressor.ts'
import { checkSquares, type Roi, roiFromLandmarks, snapRoi } from './roi.ts'
import { turnImage, unturnParams } from './roll/quarter-turns.ts'
import { SparseDecoder } from './sparse-decoder.ts'

/** What a network makes of one region. Coordinates are pixels of the picture; y down, larger z nearer. */
export interface MeshEstimate {
  /** 12 camera numbers from `model` to the region's crop, then the model's coefficients. */
  readonly params: Float32Array
  /** [204] x y z of the 68 iBUG points; smallest z 0. */
  readonly landmarks: Float32Array
  /** [3n] dense vertices, smallest z 0, from networks that give vertices and no coefficients. */
  readonly vertices?: Float32Array
  /** The whole map of a position-map network, cells outside of the mesh among it; z as the network has it. */
  readonly positionMap?: PositionMap
}

export interface EstimateOptions {
  /** Also look at the mirror image and take the mean; see `AlignOptions.flip`. */
  readonly flip?: boolean | undefined
  /** Hears when the crops are there, and when the network is done. */
  readonly onStage?: ((stage: 'crop' | 'regress') => void) | undefined
}

/** Picture and regions in, meshes out: what networks of parameters and networks of positions have in common. */
export interface MeshRegressor {
  readonly id: string
  /** Side of the crop that `params` are relative to, pixels. */
  readonly inputSize: number
  /** The mesh of its faces. Without coefficients (both counts 0) where the network gives the vertices themselves. */
  readonly model: MorphableModel
  /** Whether a second look, at the region of the first one's landmarks, is what the network is for. */
  readonly refines: boolean
  /**
   * One estimate a region, in order; of what the picture shows, also where a region's `quarterTurns` say that its crop is to be turned.
   * @throws {InvalidInputError} when the regressor cannot `flip`.
   */
  estimate(image: ImageView, rois: readonly Roi[], options?: EstimateOptions): Promise<MeshEstimate[]>
  /** The region that the network wants to see for a face with these landmarks [204]. */
  roiFromLandmarks(landmarks: Float32Array): Roi
  /** Dense vertices [3n] of an estimate for `roi`, into `out` when given. */
  vertices(estimate: Pick<MeshEstimate, 'params' | 'vertices'>, roi: Roi, out?: Float32Array): Float32Array
  dispose(): Promise<void>
}

/** A parameter regressor and the model whose parameters it gives. Disposing it disposes the regressor, not the backend. */
export class ParamMeshRegressor implements MeshRegressor {
  readonly regressor: ParamRegressor
  readonly model: MorphableModel
  readonly #backend: Backend
  readonly #sparse: SparseDecoder
  readonly refines = true
  #mirror: ParamMirror | undefined

  constructor(regressor: ParamRegressor, model: MorphableModel, backend: Backend) {
    this.regressor = regressor
    this.model = model
    this.#backend = backend
    this.#sparse = new SparseDecoder(model)
  }

  get id(): string {
    return this.regressor.id
  }

  get inputSize(): number {
    return this.regressor.inputSize
  }

  async estimate(image: ImageView, rois: readonly Roi[], options?: EstimateOptions): Promise<MeshEstimate[]> {
    const params = await this.regress(image, rois, options)
    return rois.map((roi, i) => ({ params: params[i]!, landmarks: this.landmarks(params[i]!, roi) }))
  }

  /**
   * The regressor's output for each region.
   * @throws {InvalidInputError} when a region is no square (see `checkSquares`), or the regressor gives another number of arrays.
   */
  async regress(
    image: ImageView,
    rois: readonly Roi[],
    { flip = false, onStage }: EstimateOptions = {},
  ): Promise<Float32Array[]> {
    checkSquares(rois)
    const crops = rois.map((roi) => this.#crop(image, roi))
    onStage?.('crop')
    const params = flip ? await this.#both(crops, rois) : await this.#each(crops)
    onStage?.('regress')
    return rois.map((roi, i) => unturnParams(params[i]!, roi.quarterTurns ?? 0, this.inputSize, sideOf(roi)))
  }

  roiFromLandmarks(landmarks: Float32Array): Roi {
    return roiFromLandmarks(landmarks)
  }

  landmarks(params: Float32Array, roi: Roi): Float32Array {
    return this.#sparse.decode(this.#split(params), { roi, inputSize: this.inputSize })
  }

  vertices({ params }: Pick<MeshEstimate, 'params'>, roi: Roi, out?: Float32Array): Float32Array {
    return this.#backend.decode(this.model, this.#split(params), { roi, inputSize: this.inputSize }, out)
  }

  dispose(): Promise<void> {
    return this.regressor.dispose()
  }

  /** The mean of what is seen in the crops and in their mirror images. */
  async #both(crops: readonly ImageView[], rois: readonly Roi[]): Promise<Float32Array[]> {
    this.#mirror ??= new ParamMirror(this.model)
    const both = await this.#each([...crops, ...crops.map(mirrorImage)])
    return rois.map((roi, i) => {
      const other = this.#mirror!.unmirror(both[crops.length + i]!, this.inputSize, sideOf(roi))
      return both[i]!.map((value, j) => (value + other[j]!) / 2)
    })
  }

  async #each(crops: readonly ImageView[]): Promise<Float32Array[]> {
    const params = await this.regressor.regress(crops)
    const one = Array.isArray(params) && params.length === crops.length
    expect(one, `the regressor ${this.id}`, `a list of ${crops.length} arrays, one a crop,`, params)
    // No weights that are whole give any: were it no face's, a training that diverged would pass for pictures without faces.
    const isWhole = params.every((numbers) => numbers.every(Number.isFinite))
    if (!isWhole)
      throw new InvalidInputError(
        `Expected finite parameters for the regressor ${this.id} but received something that is no number.`,
      )
    return params
  }

  #split(params: Float32Array): FaceParams {
    return splitParams(this.model, params)
  }

  #crop(image: ImageView, roi: Roi): ImageView {
    const crop = createImage(this.inputSize, this.inputSize)
    this.#backend.resample(image, snapRoi(roi), crop)
    return turnImage(crop, roi.quarterTurns)
  }
}

/** In whole pixels. */
function sideOf(roi: Roi): number {
  const { x1, x2 } = snapRoi(roi)
  return x2 - x1
}

/** @throws {InvalidInputError} unless the regressor is one of parameters, which `what` needs. */
export function needParams(regressor: MeshRegressor, what: string): ParamMeshRegressor {
  expect(
    regressor instanceof ParamMeshRegressor,
    'regressor',
    `a regressor of parameters, which ${what} needs,`,
    regressor.id,
  )
  return regressor
}
