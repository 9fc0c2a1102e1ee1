import { expect, it } from 'vitest'
import { soften } from './soften.ts'

const WIDTH = 40
const shape = (inside: (x: number, y: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: WIDTH * 30 }, (_, i) => Number(inside(i % WIDTH, Math.floor(i / WIDTH))))

it('spreads a straight outline evenly over some pixels, and leaves inside and outside as they are', () => {
  const soft = soften(
    shape((x) => x < 20),
    WIDTH,
    2,
  )
  const row = Array.from(soft.subarray(15 * WIDTH, 16 * WIDTH))
  expect(row.slice(0, 18)).toEqual(new Array(18).fill(1))
  expect(row.slice(26)).toEqual(new Array(14).fill(0))
  expect(row.filter((value) => value > 0 && value < 1).length).toBeGreaterThan(1)
  for (let x = 1; x < WIDTH; x++) expect(row[x]!).toBeLessThanOrEqual(row[x - 1]!)
})

it('does the same in either direction', () => {
  const [wide, tall] = [soften(new Uint8Array(900).fill(1, 300, 600), 30, 3), new Uint8Array(900)]
  for (let i = 0; i < 900; i++) tall[i] = i % 30 >= 10 && i % 30 < 20 ? 1 : 0
  const turned = soften(tall, 30, 3)
  for (let i = 0; i < 900; i++) expect(turned[i]).toBeCloseTo(wide[(i % 30) * 30 + Math.floor(i / 30)]!, 6)
})

it('makes nothing of nothing', () => {
  expect(soften(new Uint8Array(100), 10, 3)).toEqual(new Float32Array(100))
})
