import { Document, type Material, type Primitive, type Scene, TextureInfo } from '@gltf-transform/core'
import { expect } from '../errors.ts'
import { checkPicture } from '../image.ts'
import type { MouthLining } from '../mesh/mouth-lining.ts'
import { reversed } from '../mesh/reversed.ts'
import type { FaceTexture, PictureSize } from './picture.ts'

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

/** How files of each kind begin. */
const SIGNATURES = { 'image/png': [0x89, 0x50, 0x4e, 0x47], 'image/jpeg': [0xff, 0xd8, 0xff] } as const

/** Pixels would pass for a file, which no viewer could read. */
function checkTexture({ data, mimeType }: FaceTexture): void {
  const isOfKind = SIGNATURES[mimeType]?.every((byte, i) => data[i] === byte)
  const wanted = `the bytes of an encoded picture of the kind ${mimeType}`
  expect(isOfKind, 'textures', wanted, `${data.length} bytes that begin with ${data.subarray(0, 4).join(' ')}`)
}

export function createSkin(document: Document, texture: FaceTexture | undefined): Material {
  const skin = document.createMaterial('skin').setRoughnessFactor(0.8).setMetallicFactor(0)
  if (!texture) return skin
  checkTexture(texture)
  const image = document.createTexture('photograph').setImage(new Uint8Array(texture.data))
  skin.setBaseColorTexture(image.setMimeType(texture.mimeType))
  // Charts reach the texture's border: repeating, a chin takes colour from the forehead.
  const clamp = TextureInfo.WrapMode['CLAMP_TO_EDGE']!
  skin.getBaseColorTextureInfo()!.setWrapS(clamp).setWrapT(clamp)
  return skin
}

/** Inside of a mouth of which no picture is there: RGB in [0, 1]. */
const DARK = [0.16, 0.06, 0.05]

/** The lining of a mouth, without its positions: a part of a face's mesh, which has its morph targets too. */
export function createMouth(document: Document, lining: MouthLining, colors: Float32Array | undefined): Primitive {
  expect(!colors || colors.length === 3 * lining.vertexCount, 'mouth', `${3 * lining.vertexCount} numbers`, colors)
  const shown = colors ?? Float32Array.from({ length: 3 * lining.vertexCount }, (_, i) => DARK[i % 3]!)
  return document
    .createPrimitive()
    .setMaterial(document.createMaterial('mouth').setRoughnessFactor(0.8).setMetallicFactor(0))
    .setIndices(document.createAccessor('mouth triangles').setType('SCALAR').setArray(reversed(lining.triangles)))
    .setAttribute('COLOR_0', document.createAccessor('mouth colors').setType('VEC3').setArray(linear(shown)))
}

/** glTF's vertex colours are linear light; a photograph's are sRGB. */
export function linear(colors: Float32Array): Float32Array<ArrayBuffer> {
  return new Float32Array(colors).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
}

/** Points or normals [3n] with y the other way: glTF has it up, pictures down. */
export function turnedOver(points: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(points)
  for (let i = 1; i < out.length; i += 3) out[i] = -out[i]!
  return out
}
