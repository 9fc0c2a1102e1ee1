import { type Backend, createImage, drawDisc, type ImageView, type Rgb, roiFromLandmarks, snapRoi } from '@3ddfa/core'
import sharp from 'sharp'
import { readPicture } from '../images.ts'
import type { Outcome } from './evaluate.ts'

const TILE = 220
const CAPTION = 22
const FOUND: Rgb = [80, 220, 255]
const TRUE: Rgb = [255, 90, 60]

/** The face of a tile, and what to say of it. */
export interface Case {
  readonly outcome: Outcome
  readonly error: number
}

/** Faces with the largest errors, worst first; of points, or where there are none of the pose. */
export function worstCases(outcomes: readonly Outcome[], count: number): Case[] {
  return outcomes
    .flatMap((outcome): Case[] => {
      const error = outcome.nme.original ?? outcome.nme.aflw21 ?? outcome.pose?.aflw2000.geodesic
      return outcome.points && error !== undefined ? [{ outcome, error }] : []
    })
    .sort((a, b) => b.error - a.error)
    .slice(0, count)
}

/** A PNG of faces in rows: blue the points that were found, red the true ones; below each its error and its name. */
export async function contactSheet(cases: readonly Case[], backend: Backend, maxPixels: number): Promise<Buffer> {
  const columns = Math.min(cases.length, Math.max(1, Math.ceil(Math.sqrt(cases.length * 1.3))))
  const rows = Math.ceil(cases.length / columns)
  const tiles = []
  for (const [i, each] of cases.entries()) {
    const [left, top] = [(i % columns) * TILE, Math.floor(i / columns) * (TILE + CAPTION)]
    const { data } = await drawTile(each.outcome, backend, maxPixels)
    tiles.push({ input: Buffer.from(data.buffer), raw: { width: TILE, height: TILE, channels: 3 as const }, left, top })
    tiles.push({ ...(await caption(each)), left: left + 4, top: top + TILE + 3 })
  }
  return sharp({
    create: { width: columns * TILE, height: rows * (TILE + CAPTION), channels: 3, background: 'white' },
  })
    .composite(tiles)
    .png({ compressionLevel: 9 })
    .toBuffer()
}

async function drawTile({ sample, points }: Outcome, backend: Backend, maxPixels: number): Promise<ImageView> {
  const { image } = await readPicture(sample.path, { maxPixels })
  const known = sample.points ?? points!
  // A crop shows what it shows; of a photograph the face and a bit around it.
  const place = sample.place ?? snapRoi(roiFromLandmarks(known, 2))
  const roi = sample.place ? { x1: 0, y1: 0, x2: image.width, y2: image.height } : place
  const tile = createImage(TILE, TILE)
  backend.resample(image, roi, tile)
  const scale = TILE / (place.x2 - place.x1)
  const draw = (all: Float64Array, color: Rgb): void => {
    for (let i = 0; i < all.length; i += 2)
      if (all[i] !== -1) drawDisc(tile, (all[i]! - place.x1) * scale, (all[i + 1]! - place.y1) * scale, 1.8, color, 0.9)
  }
  const truth = sample.points21 ?? sample.points
  if (truth) draw(truth, TRUE)
  draw(points!, FOUND)
  return tile
}

async function caption({ outcome, error }: Case): Promise<{ input: Buffer }> {
  const name = outcome.sample.name.length > 24 ? `…${outcome.sample.name.slice(-23)}` : outcome.sample.name
  const text = `${error.toFixed(2)}  ${name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}`
  const markup = `<span foreground="#222222">${text}</span>`
  const input = await sharp({ text: { text: markup, font: 'sans 9', dpi: 96, rgba: true } })
    .png()
    .toBuffer()
  return { input }
}
