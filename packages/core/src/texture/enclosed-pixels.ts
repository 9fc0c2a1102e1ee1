import type { RenderTarget } from '../backend.ts'

/** [width * height] 1 where nothing is drawn and no way leads to the target's rim: the inside of an open mouth. */
export function enclosedPixels({
  triangleIds,
  width,
  height,
}: Pick<RenderTarget, 'triangleIds' | 'width' | 'height'>): Uint8Array {
  const holes = Uint8Array.from(triangleIds, (id) => (id < 0 ? 1 : 0))
  const open: number[] = []
  const visit = (i: number): void => {
    if (!holes[i]) return
    holes[i] = 0
    open.push(i)
  }
  for (let x = 0; x < width; x++) [x, (height - 1) * width + x].forEach(visit)
  for (let y = 0; y < height; y++) [y * width, y * width + width - 1].forEach(visit)
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    // On the rim a step sideways leads to the next row's rim, which was visited too.
    if (i >= width) visit(i - width)
    if (i < holes.length - width) visit(i + width)
    if (i > 0) visit(i - 1)
    if (i < holes.length - 1) visit(i + 1)
  }
  return holes
}
