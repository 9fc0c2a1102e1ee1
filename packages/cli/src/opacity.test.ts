import { type DrawFacesOptions, drawFaces, type FaceAligner, type ImageView } from '@3ddfa/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { drawingOnCanvas } from './outputs/pictures.ts'
import type { OutputSettings, Scene } from './outputs/scene.ts'
import { Painter } from './video/drawings.ts'

vi.mock('@3ddfa/core', async (original) => ({ ...(await original<object>()), drawFaces: vi.fn() }))

const image = (): ImageView => ({ data: new Uint8Array(48), width: 4, height: 4, channels: 3 })
const look = { style: '3ddfa', poseAs: 'box' } as const
const aligner = {} as FaceAligner

type Background = 'photo' | 'black'

const drawn = {
  async align(background: Background, opacity?: number) {
    const settings = { ...look, background, opacity } as OutputSettings
    await drawingOnCanvas('mesh')({ faces: [], settings, canvas: image } as unknown as Scene, '')
  },
  async video(background: Background, opacity?: number) {
    const below = background === 'photo' ? 'video' : background
    new Painter(['mesh'], aligner, { ...look, background: below, opacity }).paint(image(), [])
  },
}

beforeEach(() => void vi.mocked(drawFaces).mockClear())

describe.each(['align', 'video'] as const)('the mesh of 3ddfa %s', (command) => {
  it.each<[Background, number | undefined, number | undefined]>([
    ['photo', undefined, undefined],
    ['photo', 0.3, 0.3],
    ['black', undefined, 1],
    ['black', 0.3, 0.3],
    ['black', 0, 0],
  ])('over %s with --opacity %s', async (background, given, expected) => {
    await drawn[command](background, given)
    const options = vi.mocked(drawFaces).mock.calls[0]!.at(-1) as DrawFacesOptions
    expect(options.opacity).toBe(expected)
  })
})
