import type { ImageView, RenderWindow } from '@3ddfa/core'
import type { Heap } from './heap.ts'

/** The part of a window that lies in a picture; of no size when none does. */
export function overlap(
  image: { readonly width: number; readonly height: number },
  window: RenderWindow,
): RenderWindow {
  const [x, y] = [Math.max(0, window.x), Math.max(0, window.y)]
  const width = Math.min(image.width, window.x + window.width) - x
  const height = Math.min(image.height, window.y + window.height) - y
  return width > 0 && height > 0 ? { x, y, width, height } : { x: window.x, y: window.y, width: 0, height: 0 }
}

/** Copies a part of a picture into the heap, its rows one behind the other. */
export function copyIn(heap: Heap, address: number, image: ImageView, part: RenderWindow): void {
  forEachRow(heap, address, image, part, (inHeap, inPicture) => inHeap.set(inPicture))
}

export function copyOut(heap: Heap, address: number, image: ImageView, part: RenderWindow): void {
  forEachRow(heap, address, image, part, (inHeap, inPicture) => inPicture.set(inHeap))
}

function forEachRow(
  { kernels: { memory } }: Heap,
  address: number,
  { data, width, channels }: ImageView,
  part: RenderWindow,
  copy: (inHeap: Uint8Array, inPicture: ImageView['data']) => void,
): void {
  const length = part.width * channels
  const heap = new Uint8Array(memory.buffer, address, length * part.height)
  for (let row = 0; row < part.height; row++) {
    const from = ((part.y + row) * width + part.x) * channels
    copy(heap.subarray(row * length, (row + 1) * length), data.subarray(from, from + length))
  }
}
