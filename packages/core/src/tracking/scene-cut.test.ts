import { describe, expect, it } from 'vitest'
import type { ImageView } from '../image.ts'
import { random } from '../testing.ts'
import { SceneCutDetector } from './scene-cut.ts'

const next = random(2)
const paint = (value: (x: number, y: number) => number, width = 160, height = 90): ImageView => ({
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    Math.max(0, Math.min(255, value(Math.floor(i / 3) % width, Math.floor(i / 3 / width)))),
  ),
  width,
  height,
  channels: 3,
})
const room = (x: number, y: number): number => 120 + 60 * Math.sin(x / 20) + 40 * Math.cos(y / 12)
const street = (x: number, y: number): number => 100 + 70 * Math.cos(x / 7 + y / 15)
/** Blobs of all sizes, as in photographs. */
const place = (x: number, y: number): number =>
  120 + 50 * Math.sin(x / 9 + Math.sin(y / 7)) + 40 * Math.cos(y / 6 - Math.sin(x / 13)) + 30 * Math.sin((x - y) / 25)
const noise = (): number => (next() - 0.5) * 6

function cuts(...images: ImageView[]): boolean[] {
  const detector = new SceneCutDetector()
  return images.map((image) => detector.next(image))
}

describe('SceneCutDetector', () => {
  it('sees a cut to another scene and back', () => {
    expect(cuts(paint(room), paint(room), paint(street), paint(street), paint(room))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ])
  })

  it('takes noise, a flash, a fade, a slow pan and something moving for the same scene', () => {
    const moving = (at: number) => (x: number, y: number) =>
      Math.hypot(x - at, y - 45) < 20 ? 250 : room(x, y) + noise()
    const shots = [
      paint(room),
      paint((x, y) => room(x, y) * 0.5 + 110),
      paint((x, y) => room(x, y) * 0.3),
      paint((x, y) => room(x, y) * 0.6),
      paint((x, y) => room(x + 5, y)),
      paint((x, y) => room(x + 10, y)),
      paint(moving(40)),
      paint(moving(70)),
    ]
    expect(cuts(...shots)).toEqual(shots.map(() => false))
  })

  it('takes a fast pan to any side for the same scene, and a cut to another one still for a cut', () => {
    const shots = [
      [0, 0],
      [14, 0],
      [28, 8],
      [14, 0],
      [14, -9],
    ].map(([dx, dy]) => paint((x, y) => place(x + dx!, y + dy!) + noise()))
    expect(cuts(...shots, paint(room), paint(street))).toEqual([...shots.map(() => false), true, true])
  })

  it('compares what comes after flat pictures, noisy or not, with what was before them', () => {
    const black = (): ImageView => paint(() => 1 + noise() / 3)
    const white = paint(() => 250)
    expect(cuts(black(), black(), paint(room), white, paint(room), black(), white, paint(street))).toEqual([
      ...[false, false, false, false, false, false, false],
      true,
    ])
  })

  it('takes another size for a cut', () => {
    expect(cuts(paint(room), paint(room, 80, 90))).toEqual([false, true])
    expect(
      cuts(
        paint(room),
        paint(() => 0, 80, 90),
        paint(street, 80, 90),
      ),
    ).toEqual([false, true, false])
  })
})
