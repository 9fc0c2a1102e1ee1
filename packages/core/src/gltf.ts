/** Binary glTF 2.0, apart from the rest of the package: it is all that needs glTF-Transform. */
export { FaceAnimation, type FaceAnimationOptions } from './gltf/face-animation.ts'
export type { FaceTexture, PictureSize } from './gltf/picture.ts'
export { type GlbOptions, writeGlb } from './gltf/write-glb.ts'
