import { fileURLToPath } from 'node:url'
import { detectorUrl, faceUrl, regressorUrl } from './index.ts'

/** Absolute path of the face detector, .onnx, for `createOpenDetector` of `@3ddfa/detector`. */
export const detectorPath: string = fileURLToPath(detectorUrl)

/** Absolute path of the parameter regressor, .onnx, for `SessionParamRegressor` of `@3ddfa/core`. */
export const regressorPath: string = fileURLToPath(regressorUrl)

/** Absolute path of the face model, .safetensors, for `readMorphableModel` of `@3ddfa/models`. */
export const facePath: string = fileURLToPath(faceUrl)
