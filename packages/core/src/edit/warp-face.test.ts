import { describe, expect, it } from 'vitest'
import { createImage, type ImageView } from '../image.ts'
import { ReferenceBackend } from '../reference/reference-backend.ts'
import { toyFace, withMouth } from '../toy-face.ts'
import { warpFace } from './warp-face.ts'

const backend = new ReferenceBackend()
const SIZE = 200
/** Red tells x, green y. */
const map = createImage(SIZE, SIZE)
for (let i = 0; i < SIZE * SIZE; i++) map.data.set([i % SIZE, Math.floor(i / SIZE), 128], 3 * i)
const at = ({ data }: ImageView, x: number, y: number) => [...data.subarray(3 * (SIZE * y + x), 3 * (SIZE * y + x) + 3)]
const { model, vertices } = toyFace({ cx: 100, cy: 100, radius: 40 })
const moved = (dx: number, dy: number) => vertices.map((value, i) => value + [dx, dy, 0][i % 3]!)

describe('a face that moves in a photograph', () => {
  it('changes nothing when it stays', () => {
    expect(warpFace(map, vertices, vertices, model, backend).data).toEqual(map.data)
  })

  it('takes its skin along, and the surroundings give way without a seam', () => {
    const out = warpFace(map, vertices, moved(8, -6), model, backend)
    for (const [x, y] of [
      [100, 100],
      [80, 90],
      [130, 120],
    ] as const)
      expect(at(out, x, y)).toEqual([x - 8, y + 6, 128])
    expect(at(out, 5, 5)).toEqual([5, 5, 128])
    // Red and green grow steadily from side to side: nothing is torn, doubled or turned over.
    for (let y = 1; y < SIZE; y++)
      for (let x = 1; x < SIZE; x++) {
        const steps = [at(out, x, y)[0]! - at(out, x - 1, y)[0]!, at(out, x, y)[1]! - at(out, x, y - 1)[1]!]
        if (Math.min(...steps) < 0 || Math.max(...steps) > 4) expect({ x, y, steps }).toBeUndefined()
      }
  })

  it('takes what is opaque along', () => {
    const cut = createImage(SIZE, SIZE, 4)
    for (let y = 60; y < 140; y++) for (let x = 60; x < 140; x++) cut.data.set([90, 90, 90, 255], 4 * (SIZE * y + x))
    const out = warpFace(cut, vertices, moved(20, 0), model, backend)
    const alpha = (x: number) => out.data[4 * (SIZE * 100 + x) + 3]
    expect([85, 120, 155].map(alpha)).toEqual([255, 255, 255])
    expect([20, 180].map(alpha)).toEqual([0, 0])
  })

  it('leaves other faces where they are', () => {
    const other = toyFace({ cx: 160, cy: 100, radius: 15 }).vertices
    const out = warpFace(map, vertices, moved(-6, 0), model, backend, { others: [other] })
    for (let x = 147; x < 173; x++) expect(at(out, x, 100)).toEqual([x, 100, 128])
    const alone = warpFace(map, vertices, moved(-6, 0), model, backend)
    expect(at(alone, 147, 100)).not.toEqual([147, 100, 128])
  })

  it('takes nothing from what covered the face', () => {
    // A bar in front of the right cheek, as another face; behind it the skin gives way with its neighbours.
    const bar = toyFace({ cx: 125, cy: 100, radius: 8 }).vertices.map((v, i) => (i % 3 === 2 ? v + 500 : v))
    const picture = createImage(SIZE, SIZE)
    picture.data.fill(90)
    for (let y = 97; y <= 103; y++) for (let x = 120; x <= 130; x++) picture.data.set([255, 0, 0], 3 * (y * SIZE + x))
    const out = warpFace(picture, vertices, moved(0, -6), model, backend, { others: [bar] })
    expect(at(out, 125, 100)).toEqual([255, 0, 0])
    for (let x = 120; x <= 130; x++) expect(at(out, x, 91)).toEqual([90, 90, 90])
  })

  describe('with a mouth', () => {
    const { model: lips, open } = withMouth({ model, vertices })
    const picture = createImage(SIZE, SIZE)
    picture.data.fill(200)

    it('is dark where lips part, and keeps what an open mouth showed', () => {
      expect(at(warpFace(picture, vertices, open(12), lips, backend), 100, 106)[0]).toBeLessThan(100)
      const aside = open(12).map((v, i) => v + (i % 3 === 0 ? 1 : 0))
      expect(at(warpFace(picture, open(12), aside, lips, backend), 100, 106)).toEqual([200, 200, 200])
    })

    it('shows no skin between lips that part, but a tongue', () => {
      const lipstick = createImage(SIZE, SIZE)
      lipstick.data.fill(220)
      for (let y = 95; y <= 107; y++)
        for (let x = 80; x <= 120; x++) lipstick.data.set([180, 40, 40], 3 * (y * SIZE + x))
      const out = warpFace(lipstick, vertices, open(12), lips, backend)
      for (let y = 97; y <= 117; y++) for (const x of [94, 100, 106]) expect(at(out, x, y)[1]).toBeLessThanOrEqual(40)
      expect(at(out, 100, 110)[0]).toBeGreaterThan(at(out, 100, 104)[0]! + 20)
    })

    it('is dark where the inside of a cheek stands behind parted lips', () => {
      const back = [85, 90, 0, 115, 90, 0, 85, 125, 0, 115, 125, 0]
      const behind = (front: Float32Array) => Float32Array.from([...front, ...back])
      const n = vertices.length / 3
      const mesh = { ...lips, triangles: Uint32Array.from([...lips.triangles, n, n + 2, n + 1, n + 1, n + 2, n + 3]) }
      const out = warpFace(picture, behind(vertices), behind(open(12)), mesh, backend)
      for (const x of [93, 100, 107]) expect(at(out, x, 107)[0]).toBeLessThan(100)
      expect(at(out, 100, 95)).toEqual([200, 200, 200])
    })

    it('leaves teeth at the upper lip, as long as they were', () => {
      const teeth = createImage(SIZE, SIZE)
      teeth.data.fill(120)
      for (let y = 101; y < 114; y++)
        for (let x = 90; x <= 110; x++) teeth.data.fill(250, 3 * (y * SIZE + x), 3 * (y * SIZE + x) + 3)
      const out = warpFace(teeth, open(12), open(30), lips, backend)
      for (const y of [103, 107, 110]) expect(at(out, 100, y)).toEqual([250, 250, 250])
      for (const y of [116, 122, 128]) expect(at(out, 100, y)[0]).toBeLessThan(60)
    })
  })

  it('refuses vertices that do not belong together', () => {
    expect(() => warpFace(map, vertices, vertices.subarray(3), model, backend)).toThrow(/for to/)
  })
})
