import { describe, expect, it } from 'vitest'
import { createImage } from './image.ts'
import { SessionParamRegressor } from './regressor.ts'
import type { Session } from './session.ts'

describe('a network of parameters', () => {
  it.each([
    [[-1, -1, -1, 3], '[-1, -1, -1, 3]'],
    [[-1, 120, 96, 3], '[-1, 120, 96, 3]'],
    // Its crops would take all memory.
    [[-1, 20000, 20000, 3], '[-1, 20000, 20000, 3]'],
  ])('says that its input %s is no square of a fixed size', (dims, shown) => {
    const session = {
      inputs: [{ name: 'image', type: 'uint8', dims }],
      outputs: [{ name: 'params', type: 'float32', dims: [-1, 62] }],
    } as unknown as Session
    expect(() => new SessionParamRegressor(session, 'own')).toThrow(
      `Expected an input \`image\` whose height and width are one fixed number of at most 1024 for the network but received "${shown}".`,
    )
  })
})

describe('a network that is another one', () => {
  const info = (name: string) => ({ name, type: 'uint8', dims: [-1, 2, 2, 3] }) as const
  const session = (inputs: string[], rows: number, params = 'params'): Session => ({
    inputs: inputs.map(info),
    outputs: [{ name: 'params', type: 'float32', dims: [-1, 2] }],
    run: async () => ({ [params]: { type: 'float32', data: new Float32Array(2 * rows), dims: [rows, 2] } }),
    dispose: async () => {},
  })
  const crops = [createImage(2, 2), createImage(2, 2), createImage(2, 2)]

  it('is refused where it wants more than a picture', () => {
    expect(() => new SessionParamRegressor(session(['image', 'size'], 3), 'own')).toThrow(
      'Expected an input `image` uint8 [N, size, size, 3] and no other for the network but received "image,size".',
    )
  })

  it.each([1, 2, 6])('is told that it gives %d rows for 3 crops', async (rows) => {
    await expect(new SessionParamRegressor(session(['image'], rows), 'own').regress(crops)).rejects.toThrow(
      `Expected 3 rows, one a crop, for the network's output \`params\` but received "[${rows}, 2]".`,
    )
  })

  it('is told that it gives no such output', async () => {
    await expect(new SessionParamRegressor(session(['image'], 3, 'other'), 'own').regress(crops)).rejects.toThrow(
      "Expected 3 rows, one a crop, for the network's output `params` but received undefined.",
    )
  })
})

describe('a crowd', () => {
  it('goes through the network a few crops at a time, and keeps its order', async () => {
    const batches: number[] = []
    const session: Session = {
      inputs: [{ name: 'image', type: 'uint8', dims: [-1, 2, 2, 3] }],
      outputs: [{ name: 'params', type: 'float32', dims: [-1, 2] }],
      async run({ image }) {
        const [count, ...shape] = image!.dims
        expect(shape).toEqual([2, 2, 3])
        batches.push(count!)
        const data = Float32Array.from({ length: 2 * count! }, (_, i) => Number(image!.data[6 * i]))
        return { params: { type: 'float32', data, dims: [count!, 2] } }
      },
      dispose: async () => {},
    }
    const crops = Array.from({ length: 70 }, (_, i) => {
      const crop = createImage(2, 2)
      crop.data[0] = i
      crop.data[6] = i + 100
      return crop
    })
    const results = await new SessionParamRegressor(session, 'toy').regress(crops)
    expect(results).toEqual(crops.map((_, i) => Float32Array.of(i, i + 100)))
    expect(batches).toEqual([32, 32, 6])
    expect(await new SessionParamRegressor(session, 'toy').regress([])).toEqual([])
  })
})
