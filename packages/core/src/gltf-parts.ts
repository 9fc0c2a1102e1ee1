import { Document, type Material, type Scene, TextureInfo } from '@gltf-transform/core'
import { expect } from './errors.ts'
import type { FaceTexture, PictureSize } from './gltf-picture.ts'

/** @throws {InvalidInputError} unless both sides are positive. */
export function checkPicture({ width, height }: PictureSize): void {
  const isSize = [width, height].every((side) => side > 0 && side < Infinity)
  expect(isSize, 'picture', 'a positive width and height', `${width} x ${height}`)
}

/** A document with one scene for `count` faces. A file says nothing of buffers and scenes that are empty, or it is not valid. */
export function createDocument(picture: PictureSize, count: number): { document: Document; scene: Scene } {
  checkPicture(picture)
  const document = new Document()
  document.getRoot().getAsset().generator = '@3ddfa/core'
  const scene = document.createScene('faces').setExtras(pixelExtras(picture))
  document.getRoot().setDefaultScene(scene)
  if (count > 0) document.createBuffer()
  else scene.addChild(document.createNode('no faces'))
  return { document, scene }
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
  skin.setBaseColorTexture(image.setMimeType(texture.mimeType))
  // Charts reach the texture's border: repeating, a chin takes colour from the forehead.
  const { CLAMP_TO_EDGE } = TextureInfo.WrapMode
  skin.getBaseColorTextureInfo()!.setWrapS(CLAMP_TO_EDGE).setWrapT(CLAMP_TO_EDGE)
  return skin
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
