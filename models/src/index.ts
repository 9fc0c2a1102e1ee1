export { asFloat32, type NumericArray, type TypedArray } from './formats/array.ts'
export { readMat } from './formats/mat.ts'
export { readNpy, readNpz } from './formats/npy.ts'
export { readNumpyPickle } from './formats/numpy-pickle.ts'
export { FormatError } from './formats/reader.ts'
export { readSafetensors, type Safetensors, writeSafetensors } from './formats/safetensors.ts'
export { readTorchCheckpoint } from './formats/torch.ts'
export { type FaceBoxesForm, importFaceBoxes } from './import/faceboxes.ts'
export { type FusedOptions, importFusedNetwork } from './import/fused-network.ts'
export { importMorphableModel, type MorphableModelFiles } from './import/morphable-model.ts'
export { importOnnxDetector } from './import/onnx-detector.ts'
export {
  type CheckpointFiles,
  type ExpectedVariable,
  importPositionMapNetwork,
  positionMapVariables,
} from './import/position-map-network.ts'
export { readMorphableModel } from './import/read-morphable-model.ts'
export { importRegressor, type RegressorFiles } from './import/regressor.ts'
export { importTflite, importTfliteUltraFace, type TfliteOptions } from './import/tflite.ts'
export { importUvTopology, readUvTopology, type UvModel, type UvTopologyFiles } from './import/uv-topology.ts'
export * from './manifest.ts'
export { calibrate, exposeActivations } from './quantize/calibrate.ts'
export { quantizeNetwork } from './quantize/quantize-network.ts'
export type { ActivationRanges } from './quantize/ranges.ts'
export { type CheckpointVariable, readCheckpointIndex, readCheckpointVariable } from './tensorflow/checkpoint.ts'
