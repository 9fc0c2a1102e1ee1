import { Document, type Material } from '@gltf-transform/core'

/** An encoded picture on a face. */
export interface FaceTexture {
  readonly data: Uint8Array
  readonly mimeType: 'image/png' | 'image/jpeg'
}

/** Size of the picture: its centre becomes the origin, its longer side one unit. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

export function createDocument(): Document {
  const document = new Document()
  document.getRoot().getAsset().generator = '@3ddfa/core'
  document.createBuffer()
  return document
}

/** The way back to pixels, for `extras`. */
export function pixelExtras({ width, height }: PictureSize): Record<string, unknown> {
  return {
    pixelsPerUnit: Math.max(width, height),
    origin: [width / 2, height / 2],
    axes: 'x right, y up, z towards the viewer',
  }
}

export function createSkin(document: Document, texture: FaceTexture | undefined): Material {
  const skin = document.createMaterial('skin').setRoughnessFactor(0.8).setMetallicFactor(0)
  if (!texture) return skin
  const image = document.createTexture('photograph').setImage(new Uint8Array(texture.data))
  return skin.setBaseColorTexture(image.setMimeType(texture.mimeType))
}

/** Points or normals [3n] with y the other way: glTF has it up, pictures down. */
export function turnedOver(points: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(points)
  for (let i = 1; i < out.length; i += 3) out[i] = -out[i]!
  return out
}

/** Turning y over mirrors the mesh; the reversed order turns its outside out again. */
export function reversed(triangles: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(triangles)
  for (let i = 0; i < out.length; i += 3) [out[i], out[i + 2]] = [out[i + 2]!, out[i]!]
  return out
}
