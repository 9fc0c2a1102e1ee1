// A bundler that follows `new URL('file', import.meta.url)` brings the files along; each must be written out for that.

/** Face detector for `createOpenDetector` of `@3ddfa/detector`, .onnx. */
export const detectorUrl: URL = new URL('../detector.onnx', import.meta.url)

/** Parameter regressor for `SessionParamRegressor` of `@3ddfa/core`, .onnx: crops of 120 x 120 to parameters of the face model. */
export const regressorUrl: URL = new URL('../regressor.onnx', import.meta.url)

/** Face model for `readMorphableModel` of `@3ddfa/models`, .safetensors; in millimetres, expressions have names. */
export const faceUrl: URL = new URL('../face.safetensors', import.meta.url)
