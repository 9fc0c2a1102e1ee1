import { createImage, type ImageView, type PositionMap, writeNpy } from '@3ddfa/core'
import { encodePng } from '../png.ts'
import type { EndingOf } from './names.ts'
import { sideBySide } from './side-by-side.ts'
import type { Writer } from './writer.ts'

/** The faces' position maps: one .npy [faces, size, size, 3] of pixels, and a picture of them. */
export const positionMaps: Writer<EndingOf<'posmap'>> = async ({ surface, faces, backend, settings }) => {
  const size = settings.posmapSize
  const maps = faces.map((face) =>
    // A position-map network's own map also holds what lies outside the mesh.
    face.positionMap?.size === size ? face.positionMap : surface.positionMap(surface.verticesOf(face), size, backend),
  )
  const all = new Float32Array(faces.length * 3 * size * size)
  maps.forEach(({ data }, i) => {
    all.set(data, i * data.length)
  })
  return [
    { suffix: '.npy', data: writeNpy(all, [faces.length, size, size, 3]) },
    { suffix: '.png', data: await encodePng(sideBySide(maps.map(toPicture))) },
  ]
}

/** x, y, z as red, green, blue, each from the smallest of the face to its largest; black outside. */
function toPicture({ data, size }: PositionMap): ImageView {
  const image = createImage(size, size)
  for (let k = 0; k < 3; k++) {
    let [low, high] = [Infinity, -Infinity]
    for (let i = k; i < data.length; i += 3) {
      if (isOutside(data, i - k)) continue
      low = Math.min(low, data[i]!)
      high = Math.max(high, data[i]!)
    }
    for (let i = k; i < data.length; i += 3)
      if (!isOutside(data, i - k)) image.data[i] = Math.round((255 * (data[i]! - low)) / (high - low || 1))
  }
  return image
}

function isOutside(data: Float32Array, i: number): boolean {
  return data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 0
}
