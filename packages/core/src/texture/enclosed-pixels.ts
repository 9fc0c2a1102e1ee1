import type { RenderTarget } from '../backend.ts'

/** [width * height] 1 where a mesh is open and surrounds what is behind: the inside of an open mouth. */
export function enclosedByMesh({ triangleIds, width, height }: RenderTarget): Uint8Array {
  return enclosedPixels(new Uint8Array(triangleIds.map((id) => (id < 0 ? 0 : 1))), width, height)
}

/** [width * height] 1 where `covered` is 0 and no way leads to the grid's rim. */
export function enclosedPixels(covered: Uint8Array, width: number, height: number): Uint8Array {
  const holes = covered.map((value) => 1 - value)
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
