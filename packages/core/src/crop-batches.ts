import { expect } from './errors.ts'
import type { ImageView } from './image.ts'
import type { Session } from './session.ts'

/** Crops a run. Larger batches are slower, and take memory that grows with the crowd and that a runtime keeps. */
const MAX_CROPS = 32

/** The float32 output `name` for each crop, in order. The crops are RGB and of one size; the network's input is `image` uint8 [N, size, size, 3]. */
export async function runOnCrops(session: Session, crops: readonly ImageView[], name: string): Promise<Float32Array[]> {
  const results: Float32Array[] = []
  for (let start = 0; start < crops.length; start += MAX_CROPS) {
    const batch = crops.slice(start, start + MAX_CROPS)
    const { width, height } = batch[0]!
    const dims = [batch.length, height, width, 3]
    const output = (await session.run({ image: { type: 'uint8', data: pack(batch), dims } }))[name]
    expect(
      output?.dims[0] === batch.length,
      `the network's output \`${name}\``,
      `${batch.length} rows, one a crop,`,
      output && `[${output.dims.join(', ')}]`,
    )
    const data = output.data as Float32Array
    const count = data.length / batch.length
    for (let i = 0; i < batch.length; i++) results.push(data.slice(i * count, (i + 1) * count))
  }
  return results
}

// A batch gets an array of its own: the session may still read it while the next call packs.
function pack(crops: readonly ImageView[]): ImageView['data'] {
  const [first] = crops
  if (crops.length === 1) return first!.data
  const batch = new Uint8Array(crops.length * first!.data.length)
  crops.forEach((crop, i) => {
    batch.set(crop.data, i * first!.data.length)
  })
  return batch
}
