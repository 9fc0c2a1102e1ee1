import type { Backend } from './backend.ts'
import { checkBackend } from './backend-arguments.ts'
import type { MorphableModel } from './model.ts'

/**
 * Lets a backend pack a model now, which it would else do with the first face (in a browser some 0.1 s): to be called while
 * networks are still being loaded.
 */
export function prepareModel(backend: Backend, model: MorphableModel): void {
  checkBackend(backend)
  const { shapeCount, expressionCount } = model
  const params = {
    camera: new Float32Array(12),
    shape: new Float32Array(shapeCount),
    expression: new Float32Array(expressionCount),
  }
  backend.decode(model, params, { roi: { x1: 0, y1: 0, x2: 1, y2: 1 }, inputSize: 1 })
}
