import { readFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../../scripts/shared.mjs'
import { LIGHT_DEFAULTS } from '../backend.ts'
import { createImage, type ImageView } from '../image.ts'
import { createRenderTarget } from '../render/render-target.ts'
import { snapRoi } from '../roi.ts'
import { interleave, parseNpy } from '../testing.ts'
import { ReferenceBackend } from './reference-backend.ts'

const golden = shared('golden')
const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`))
const backend = new ReferenceBackend()
const VERTICES = 38_365

async function png(name: string): Promise<ImageView> {
  const { data, info } = await sharp(`${golden}/${name}.png`).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: 3 }
}

/** Golden arrays of pictures are BGR. */
const reversed = (bgr: ArrayLike<number>) => Uint8Array.from(bgr, (_, i) => bgr[i - (i % 3) + 2 - (i % 3)]!)

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = 0
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!))
  return worst
}

describe.skipIf(!golden)(
  `against the Python reference${golden ? '' : ' (skipped: ../shared/golden is not here)'}`,
  () => {
    const faceMesh = () => ({
      vertices: interleave(npy('trump_hillary_dense').data, VERTICES),
      triangles: Uint32Array.from(npy('tri').data),
    })

    it('crops are the same to the last bit', async () => {
      const image = await png('trump_hillary_input')
      const roi = npy('trump_hillary_roi').data
      const crops = reversed(npy('trump_hillary_crop').data)
      for (let i = 0; i < 2; i++) {
        const crop = createImage(120, 120)
        backend.resample(
          image,
          snapRoi({ x1: roi[4 * i]!, y1: roi[4 * i + 1]!, x2: roi[4 * i + 2]!, y2: roi[4 * i + 3]! }),
          crop,
        )
        expect(largestDifference(crop.data, crops.subarray(i * 43_200, (i + 1) * 43_200))).toBe(0)
      }
    })

    it('a resized picture is the same to the last bit', async () => {
      const image = await png('trump_hillary_input')
      const { data, shape } = npy('trump_hillary_fb_scaled_bgr_u8')
      const out = createImage(shape[1]!, shape[0]!)
      backend.resample(image, { x1: 0, y1: 0, x2: image.width, y2: image.height }, out)
      expect(largestDifference(out.data, reversed(data))).toBe(0)
    })

    it('normals are within 1e-4', () => {
      expect(largestDifference(backend.vertexNormals(faceMesh()), npy('trump_hillary_f0_normals').data)).toBeLessThan(
        1e-4,
      )
    })

    it('ambient and diffuse light are its own; the specular term differs by its element-wise powers, at most 0.03', () => {
      const mesh = faceMesh()
      const normals = backend.vertexNormals(mesh)
      const theirs = npy('trump_hillary_f0_light').data
      const matt = backend.light(mesh, normals, { ...LIGHT_DEFAULTS, specular: 0 })
      // Its specular term only adds, so nothing may lie below ambient and diffuse.
      expect(Math.max(...chunks(matt.map((v, i) => v - theirs[i]!)))).toBeLessThan(1e-6)
      expect(largestDifference(backend.light(mesh, normals, LIGHT_DEFAULTS), theirs)).toBeLessThan(0.03)
    })

    it('its colours, rasterised, give its picture but for its pinholes and a few pixels of the rim', async () => {
      const expected = await png('trump_hillary_f0_render_nobg')
      const mesh = faceMesh()
      const image = createImage(expected.width, expected.height)
      const target = createRenderTarget(image, [mesh.vertices])
      backend.rasterize(mesh, target)
      backend.shade(mesh, Float32Array.from(npy('trump_hillary_f0_light').data), target, image)
      const count = { both: 0, close: 0, onlyOurs: 0, onlyTheirs: 0 }
      for (let i = 0; i < image.data.length; i += 3) {
        const [ours, theirs] = [image.data[i]! > 0, expected.data[i]! > 0]
        if (ours && theirs) {
          count.both++
          if (largestDifference(image.data.subarray(i, i + 3), expected.data.subarray(i, i + 3)) <= 2) count.close++
        } else if (ours) count.onlyOurs++
        else if (theirs) count.onlyTheirs++
      }
      console.log('pixels of the shaded face:', JSON.stringify(count))
      expect(count.both).toBeGreaterThan(61_000)
      expect(count.close / count.both).toBeGreaterThan(0.9995)
      expect(count.onlyOurs + count.onlyTheirs).toBeLessThan(30)
    })

    it('depth is within 0.1 px of its z-buffer on all but the steepest pixels', () => {
      const mesh = faceMesh()
      const target = createRenderTarget({ width: 1536, height: 689 }, [mesh.vertices])
      backend.rasterize(mesh, target)
      const theirs = parseNpz(readFileSync(`${golden}/trump_hillary_f0_zbuffer.npz`))
      let [compared, close] = [0, 0]
      for (let row = 0; row < target.height; row++)
        for (let column = 0; column < target.width; column++) {
          const [z, expected] = [
            target.depth[row * target.width + column]!,
            theirs[(row + target.y) * 1536 + column + target.x]!,
          ]
          if (z === -Infinity || expected < -1e7) continue
          compared++
          if (Math.abs(z - expected) < 0.1) close++
        }
      expect(compared).toBeGreaterThan(61_000)
      expect(close / compared).toBeGreaterThan(0.98)
    })
  },
)

/** Spreading a hundred thousand arguments would overflow the stack. */
function chunks(values: Float32Array): number[] {
  const out: number[] = []
  for (let i = 0; i < values.length; i += 1000) out.push(Math.max(...values.subarray(i, i + 1000)))
  return out
}

/** The one array of an .npz. */
function parseNpz(bytes: Uint8Array): ArrayLike<number> {
  return parseNpy(Object.values(unzipSync(bytes))[0]!).data
}
