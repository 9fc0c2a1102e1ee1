import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../../scripts/shared.mjs'
import { LIGHT_DEFAULTS } from '../backend.ts'
import { createImage, type ImageView } from '../image.ts'
import { snapRoi } from '../roi.ts'
import { interleave, parseNpy } from '../testing.ts'
import { ReferenceBackend } from './reference-backend.ts'

const sharp = createRequire(new URL('../../../cli/package.json', import.meta.url))(
  'sharp',
) as typeof import('sharp').default
const golden = shared('golden')
const npy = (name: string) => parseNpy(readFileSync(`${golden}/${name}.npy`))
const backend = new ReferenceBackend()

async function png(name: string): Promise<ImageView> {
  const { data, info } = await sharp(`${golden}/${name}.png`).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: 3 }
}

/** Golden arrays of pictures are BGR. */
function reversed(bgr: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(bgr, (_, i) => bgr[i - (i % 3) + 2 - (i % 3)]!)
}

describe.skipIf(!golden)(
  `against the Python reference${golden ? '' : ' (skipped: ../shared/golden is not here)'}`,
  () => {
    it('crops exactly as the reference', async () => {
      const image = await png('trump_hillary_input')
      const roi = npy('trump_hillary_roi').data
      const crops = reversed(npy('trump_hillary_crop').data)
      for (let i = 0; i < 2; i++) {
        const [x1, y1, x2, y2] = roi.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number]
        const crop = createImage(120, 120)
        backend.resample(image, snapRoi({ x1, y1, x2, y2 }), crop)
        expect(Buffer.compare(crop.data as Uint8Array, crops.subarray(i * 43200, (i + 1) * 43200))).toBe(0)
      }
    })

    it('resizes the whole picture exactly as the reference', async () => {
      const image = await png('trump_hillary_input')
      const { data, shape } = npy('trump_hillary_fb_scaled_bgr_u8')
      const out = createImage(shape[1]!, shape[0]!)
      backend.resample(image, { x1: 0, y1: 0, x2: image.width, y2: image.height }, out)
      expect(Buffer.compare(out.data as Uint8Array, reversed(data))).toBe(0)
    })

    const n = 38365
    const mesh = golden
      ? { vertices: interleave(npy('trump_hillary_dense').data, n), triangles: Uint32Array.from(npy('tri').data) }
      : undefined!

    it('gives its normals', () => {
      const normals = backend.vertexNormals(mesh)
      const expected = npy('trump_hillary_f0_normals').data
      expect(
        Math.max(
          ...Array.from({ length: 300 }, (_, i) => i).map((chunk) => {
            let worst = 0
            for (let i = chunk * 384; i < Math.min(3 * n, (chunk + 1) * 384); i++)
              worst = Math.max(worst, Math.abs(normals[i]! - expected[i]!))
            return worst
          }),
        ),
      ).toBeLessThan(1e-4)
    })

    it('renders its colours: differences are its own pinholes and truncation', async () => {
      const expected = await png('trump_hillary_f0_render_nobg')
      const image = createImage(expected.width, expected.height)
      const target = {
        x: 0,
        y: 0,
        width: image.width,
        height: image.height,
        depth: new Float32Array(image.width * image.height).fill(-Infinity),
        triangleIds: new Int32Array(image.width * image.height).fill(-1),
      }
      backend.rasterize(mesh, target)
      backend.shade(mesh, Float32Array.from(npy('trump_hillary_f0_light').data), target, image)
      let [pixels, same, holes, border, rest] = [0, 0, 0, 0, 0]
      for (let i = 0; i < target.depth.length; i++) {
        const [ours, theirs] = [target.triangleIds[i]! >= 0, expected.data[3 * i]! > 0]
        if (!ours && !theirs) continue
        pixels++
        const difference = Math.max(
          ...[0, 1, 2].map((k) => Math.abs(image.data[3 * i + k]! - expected.data[3 * i + k]!)),
        )
        if (difference <= 2) same++
        else if (ours && !theirs) holes++
        else if (!ours) border++
        else rest++
      }
      console.log({ pixels, same: same / pixels, holes, border, rest })
      expect((same + holes) / pixels).toBeGreaterThan(0.995)
      // Its light sums element-wise powers; ours is a proper dot product, so only ambient and diffuse terms agree.
      const lit = backend.light(mesh, backend.vertexNormals(mesh), { ...LIGHT_DEFAULTS, specular: 0 })
      const full = backend.light(mesh, backend.vertexNormals(mesh), LIGHT_DEFAULTS)
      const light = npy('trump_hillary_f0_light').data
      let worst = 0
      let worst2 = 0
      for (let i = 0; i < lit.length; i++) {
        worst = Math.max(worst, lit[i]! - light[i]!)
        worst2 = Math.max(worst2, Math.abs(full[i]! - light[i]!))
      }
      console.log({ worst, worst2 })
    })
  },
)
