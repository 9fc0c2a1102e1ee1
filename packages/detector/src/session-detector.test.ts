import { DisposedError, type ImageView, InvalidInputError } from '@3ddfa/core'
import { describe, expect, it, vi } from 'vitest'
import { createFaceBoxes } from './faceboxes.ts'
import { fakeFaceBoxes, fakeSession, flat } from './testing.ts'

describe('SessionDetector', () => {
  it('feeds an RGB picture that fits as it is, without a copy', async () => {
    const session = fakeSession(fakeFaceBoxes, [])
    const run = vi.spyOn(session, 'run')
    const image = flat(64, 48)
    const resample = vi.fn()
    await createFaceBoxes(session, { resampler: { resample } }).detect(image)
    expect(run.mock.calls[0]![0]).toEqual({ image: { type: 'uint8', data: image.data, dims: [1, 48, 64, 3] } })
    expect(run.mock.calls[0]![0].image!.data).toBe(image.data)
    expect(resample).not.toHaveBeenCalled()
  })

  it('drops alpha', async () => {
    const session = fakeSession(fakeFaceBoxes, [])
    await createFaceBoxes(session).detect(flat(5, 4, 4))
    expect(session.calls[0]).toEqual({ type: 'uint8', data: flat(5, 4).data, dims: [1, 4, 5, 3] })
  })

  it('resizes with the given resampler', async () => {
    const session = fakeSession(fakeFaceBoxes, [])
    const resample = vi.fn((_image: ImageView, _roi: unknown, out: ImageView) => void out.data.fill(77))
    await createFaceBoxes(session, { resampler: { resample } }).detect(flat(2160, 100))
    expect(resample.mock.calls[0]![1]).toEqual({ x1: 0, y1: 0, x2: 2160, y2: 100 })
    expect(session.calls[0]!.dims).toEqual([1, 50, 1080, 3])
    expect(new Set(session.calls[0]!.data as Uint8Array)).toEqual(new Set([77]))
  })

  it('calls at the same time do not write into each other', async () => {
    const session = fakeSession(fakeFaceBoxes, [])
    let fill = 0
    const resample = (_image: ImageView, _roi: unknown, out: ImageView) => void out.data.fill(++fill)
    const inner = session.run
    // Reads its feed late, as a queued run does.
    session.run = (feeds) => new Promise((resolve) => setTimeout(() => resolve(inner(feeds)), 5))
    const detector = createFaceBoxes(session, { resampler: { resample } })
    await Promise.all([1, 2, 3].map(() => detector.detect(flat(2160, 100))))
    await detector.detect(flat(2160, 100))
    expect(session.calls.map(({ data }) => data[0])).toEqual([1, 2, 3, 4])
  })

  it('disposes its session, and works no more', async () => {
    const session = fakeSession(fakeFaceBoxes, [])
    const dispose = vi.spyOn(session, 'dispose')
    const detector = createFaceBoxes(session)
    await detector.dispose()
    await detector.dispose()
    expect(dispose).toHaveBeenCalled()
    await expect(detector.detect(flat(1, 1))).rejects.toThrow(DisposedError)
  })

  it('refuses a broken picture', async () => {
    const detector = createFaceBoxes(fakeSession(fakeFaceBoxes, []))
    await expect(detector.detect({ ...flat(4, 4), width: 5 })).rejects.toThrow(InvalidInputError)
  })

  it('refuses what was not awaited', () => {
    const late = Promise.resolve() as never
    for (const session of [late, undefined as never])
      expect(() => createFaceBoxes(session)).toThrow(/^Expected a session, .* for session but received .*\.$/)
    expect(() => createFaceBoxes(fakeSession(fakeFaceBoxes, []), { resampler: late })).toThrow(
      'Expected a backend, or nothing, for resampler but received an object of Promise.',
    )
  })

  it('refuses another network when created, and one that gives other sizes when run', async () => {
    const session = fakeSession(fakeFaceBoxes, [])
    expect(() => createFaceBoxes({ ...session, inputs: [{ name: 'x', type: 'float32', dims: [1] }] })).toThrow(
      'Expected an input `image` uint8 [1, H, W, 3] for the faceboxes network but received "x float32 [1]".',
    )
    expect(() => createFaceBoxes({ ...session, outputs: [{ name: 'loc', type: 'float32', dims: [1] }] })).toThrow(
      'Expected an output `conf` for the faceboxes network but received "loc".',
    )
    const short = fakeSession({ ...fakeFaceBoxes, encode: () => ({ loc: new Float32Array(4) }) }, [])
    await expect(createFaceBoxes(short).detect(flat(32, 32))).rejects.toThrow(
      'Expected 92 float32 numbers for the network\'s output "loc" but received Float32Array(4).',
    )
  })
})
