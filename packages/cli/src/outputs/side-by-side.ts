import { createImage, type ImageView } from '@3ddfa/core'

/** One picture of several of the same height and channels, left to right. */
export function sideBySide(images: readonly ImageView[]): ImageView {
  const { height, channels } = images[0]!
  const width = images.reduce((sum, image) => sum + image.width, 0)
  const joined = createImage(width, height, channels)
  let left = 0
  for (const { data, width: own } of images) {
    for (let y = 0; y < height; y++)
      joined.data.set(data.subarray(y * own * channels, (y + 1) * own * channels), (y * width + left) * channels)
    left += own
  }
  return joined
}
