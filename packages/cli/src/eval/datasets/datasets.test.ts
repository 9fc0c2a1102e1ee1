import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { folderOf, mat, npy } from '../testing.ts'
import { readAflw2000 } from './aflw2000.ts'
import { isBiwi, readBiwi } from './biwi.ts'
import { hasCrops, readCrops } from './ddfa-crops.ts'
import { readLandmarks } from './landmarks.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
const folder = (files: Parameters<typeof folderOf>[0]): string => {
  const made = folderOf(files)
  folders.push(made)
  return made
}

const xs = Array.from({ length: 68 }, (_, i) => i)
const ys = xs.map((x) => 100 + x)
const zs = xs.map(() => 7)

describe('readAflw2000', () => {
  const labels = (yaw: number) => mat({ pt3d_68: [xs, ys, zs], Pose_Para: [[0.1, yaw, 0.3, 0, 0, 0, 0]] })

  it('reads points, pose and yaw of every picture that has labels, in order', () => {
    const mac = { '._a.mat': 'resource fork', '._a.JPG': 'resource fork' }
    const at = folder({ 'b.jpg': '', 'b.mat': labels(0.5), 'a.JPG': '', 'a.mat': labels(-1), 'other.png': '', ...mac })
    const { samples } = readAflw2000(at)
    expect(samples.map(({ name, path }) => [name, path])).toEqual([
      ['a', join(at, 'a.JPG')],
      ['b', join(at, 'b.jpg')],
    ])
    expect([...samples[0]!.points!.subarray(0, 4)]).toEqual([0, 100, 1, 101])
    expect(samples[1]!.pose!.roll).toBeCloseTo(0.3, 6)
    expect(samples[0]!.yaws['labels']).toBeCloseTo(-57.3, 1)
  })

  it("reads 3DDFA's lists beside or in test.configs, one row a picture", () => {
    const points = [...xs.map((x) => x + 1), ...ys]
    const at = folder({
      ...{ 'a.jpg': '', 'a.mat': labels(0) },
      'AFLW2000-3D-Reannotated.pts68.npy': npy([1, 2, 68], points),
      'test.configs/AFLW2000-3D.pose.npy': npy([1], [42]),
    })
    const [sample] = readAflw2000(at).samples
    expect([...sample!.reannotated!.subarray(0, 4)]).toEqual([1, 100, 2, 101])
    expect(sample!.yaws).toMatchObject({ list: 42 })
    const other = folder({ 'two.npy': npy([2], [1, 2]) })
    expect(() => readAflw2000(at, { yaws: join(other, 'two.npy') })).toThrow(/has 2 rows but there are 1 pictures/)
  })

  it('says what is missing', () => {
    expect(() => readAflw2000(folder({ 'a.jpg': '' }))).toThrow(/holds no AFLW2000-3D/)
    expect(() => readAflw2000(folder({ 'a.mat': labels(0) }))).toThrow(/has no picture beside it/)
    expect(() => readAflw2000(folder({ 'a.jpg': '', 'a.mat': mat({ x: [[1]] }) }))).toThrow(/no pt3d_68/)
    expect(() => readAflw2000(folder({ 'a.jpg': '', 'a.mat': 'no' }))).toThrow(/not a MATLAB v5 file/)
    const nan = [Number.NaN, ...xs.slice(1)]
    expect(() => readAflw2000(folder({ 'a.jpg': '', 'a.mat': labels(Number.NaN) }))).toThrow(
      /a.mat holds something that/,
    )
    const points = mat({ pt3d_68: [nan, ys, zs], Pose_Para: [[0, 0, 0]] })
    expect(() => readAflw2000(folder({ 'a.jpg': '', 'a.mat': points }))).toThrow(/a.mat holds something that/)
    const yaws = { 'a.jpg': '', 'a.mat': labels(0), 'AFLW2000-3D.pose.npy': npy([1], [Number.NaN]) }
    expect(() => readAflw2000(folder(yaws))).toThrow(/AFLW2000-3D.pose.npy holds something that/)
    expect(() => readAflw2000(folder({ 'a.jpg': '', 'a.mat/x': '' }))).toThrow(/a.mat is not a file/)
    const flat = mat({ pt3d_68: [xs, zs, zs], Pose_Para: [[0, 0, 0]] })
    expect(() => readAflw2000(folder({ 'a.jpg': '', 'a.mat': flat }))).toThrow(/a.mat has all 68 points on one line/)
    const lists = {
      'a.jpg': '',
      'a.mat': labels(0),
      'AFLW2000-3D-Reannotated.pts68.npy': npy([1, 2, 68], [...xs, ...zs]),
    }
    expect(() => readAflw2000(folder(lists))).toThrow(/Reannotated.pts68.npy: a has all 68 points on one line/)
    expect(() => readAflw2000('/nowhere')).toThrow(/cannot be read: no such file/)
  })
})

describe('readCrops', () => {
  const files = {
    'test.data/AFLW_GT_crop.list': 'one.jpg\ntwo.jpg\n',
    'test.configs/AFLW_GT_crop_roi_box.npy': npy([2, 4], [10, 20, 130, 140, 0, 0, 60, 60]),
    'test.configs/AFLW_GT_crop_yaws.npy': npy([2], [-5, 70]),
    'test.configs/AFLW_GT_pts21.npy': npy(
      [2, 2, 21],
      Array.from({ length: 84 }, (_, i) => i),
    ),
  }

  it("reads AFLW's regions, yaws and 21 points", () => {
    const at = folder(files)
    expect([hasCrops(at, 'aflw'), hasCrops(at, 'aflw2000')]).toEqual([true, false])
    const [one, two] = readCrops(at, 'aflw').samples
    expect(one).toMatchObject({ name: 'one.jpg', place: { x1: 10, y1: 20, x2: 130, y2: 140 }, yaws: { list: -5 } })
    expect(two!.path).toBe(join(at, 'test.data', 'AFLW_GT_crop', 'two.jpg'))
    expect([...two!.points21!.subarray(0, 4)]).toEqual([42, 63, 43, 64])
  })

  it('refuses a list that leaves its folder, and a missing list', () => {
    const outside = { ...files, 'test.data/AFLW_GT_crop.list': '../a.jpg two.jpg' }
    expect(() => readCrops(folder(outside), 'aflw')).toThrow(/outside its folder/)
    const { 'test.configs/AFLW_GT_pts21.npy': _, ...fewer } = files
    expect(() => readCrops(folder(fewer), 'aflw')).toThrow(/has no AFLW_GT_pts21.npy/)
  })
})

describe('readLandmarks', () => {
  const pairs = xs.map((x, i) => [x, ys[i]!])

  it('reads landmarks68.json', () => {
    const { samples } = readLandmarks(
      folder({ 'landmarks68.json': JSON.stringify({ 'b.png': pairs, 'a.jpg': pairs }) }),
    )
    expect(samples.map(({ name }) => name)).toEqual(['a.jpg', 'b.png'])
    expect([...samples[0]!.points!.subarray(0, 4)]).toEqual([0, 100, 1, 101])
  })

  it('reads .pts files', () => {
    const pts = `version: 1\nn_points: 68\n{\n${pairs.map((p) => p.join(' ')).join('\n')}\n}\n`
    const { samples } = readLandmarks(folder({ 'a.png': '', 'a.pts': pts, 'b.png': '' }))
    expect(samples.map(({ name, points }) => [name, points![135]])).toEqual([['a.png', 167]])
  })

  it('refuses what is not 68 points, and names outside the folder', () => {
    const json = (value: unknown) => folder({ 'landmarks68.json': JSON.stringify(value) })
    expect(() => readLandmarks(json({ 'a.jpg': [[1, 2]] }))).toThrow(/a.jpg has 2 numbers/)
    expect(() => readLandmarks(json({ '../a.jpg': pairs }))).toThrow(/outside its folder/)
    expect(() => readLandmarks(folder({ 'landmarks68.json': '{' }))).toThrow(/is not JSON/)
    for (const all of [null, [pairs], 5]) expect(() => readLandmarks(json(all))).toThrow(/has no points by the names/)
    for (const pair of [[null, null], ['', true], [1], 7, [[1], 2]])
      expect(() => readLandmarks(json({ 'a.jpg': [...pairs.slice(1), pair] }))).toThrow(/a.jpg has something else than/)
    for (const name of ['', '.', '..'])
      expect(() => readLandmarks(json({ [name]: pairs }))).toThrow(
        `json names ${JSON.stringify(name)}, no file of its folder.`,
      )
    for (const far of [1e308, -1e200, 2 ** 24 + 1])
      expect(() => readLandmarks(json({ 'a.jpg': [[far, 5], ...pairs.slice(1)] }))).toThrow(
        `a.jpg has a point at ${far}, beyond all pictures; expected at most 16777216 pixels.`,
      )
    const infinite = JSON.stringify({ 'a.jpg': pairs }).replace('100', '1e999')
    expect(() => readLandmarks(folder({ 'landmarks68.json': infinite }))).toThrow(
      /a.jpg holds something that is no number/,
    )
    const flat = (name: string) => json({ 'a.jpg': pairs, [name]: pairs.map(([x]) => [x, 5]) })
    expect(() => readLandmarks(flat('b.jpg'))).toThrow(/json: b\.jpg has all 68 points on one line or in one place/)
    const open = folder({ 'a.png': '', 'a.pts': `{{${'{ 1'.repeat(3)}` })
    expect(() => readLandmarks(open)).toThrow(/a.pts has 0 numbers/)
    expect(() => readLandmarks(folder({ 'a.png': '' }))).toThrow(/has neither/)
  })
})

describe('readBiwi', () => {
  const turned = (yaw: number) => {
    const [s, c] = [Math.sin(yaw), Math.cos(yaw)]
    // About the camera's y axis, which points down.
    return `${c} 0 ${s} \n0 1 0 \n${-s} 0 ${c} \n\n100 50 1000\n`
  }
  const camera = '500 0 320\n0 500 240\n0 0 1\n\n0 0 0 0\n\n1 0 0\n0 1 0\n0 0 1\n\n20 0 0\n\n640 480\n'

  it("reads poses with the labels' angles, and where the head's middle is in the picture", () => {
    const at = folder({
      ...{ '01/frame_00003_rgb.png': '', '01/frame_00003_pose.txt': turned(0.4), '01/rgb.cal': camera },
      ...{
        '02/frame_00001_rgb.png': '',
        '02/frame_00001_pose.txt': turned(-0.2),
        '02/frame_00002_pose.txt': turned(0),
      },
    })
    expect(isBiwi(at)).toBe(true)
    const { samples } = readBiwi(at)
    expect(samples.map(({ name }) => name)).toEqual(['01/frame_00003', '02/frame_00001'])
    // Hopenet's evaluation: yaw = -atan2(-R20, ...) of the transposed matrix, the sine in the first row.
    expect(samples[0]!.pose!.yaw).toBeCloseTo(0.4, 10)
    expect(samples[0]!.pose!.pitch).toBeCloseTo(0, 10)
    expect(samples[0]!.centre).toEqual([320 + (500 * 120) / 1000, 240 + (500 * 50) / 1000])
    expect(samples[1]!.centre).toBeUndefined()
  })

  it("takes the angles that Hopenet's evaluation takes, of any rotation", () => {
    // About z by 0.3, then about x by -0.5, then about y by 0.7, multiplied out.
    const [sx, cx, sy, cy, sz, cz] = [-0.5, 0.7, 0.3].flatMap((angle) => [Math.sin(angle), Math.cos(angle)]) as number[]
    const r = [
      [cy! * cz! + sy! * sx! * sz!, -cy! * sz! + sy! * sx! * cz!, sy! * cx!],
      [cx! * sz!, cx! * cz!, -sx!],
      [-sy! * cz! + cy! * sx! * sz!, sy! * sz! + cy! * sx! * cz!, cy! * cx!],
    ]
    const text = `${r.map((row) => row.join(' ')).join('\n')}\n\n0 0 900\n`
    const at = folder({ '01/frame_00003_rgb.png': '', '01/frame_00003_pose.txt': text })
    const { pitch, yaw, roll } = readBiwi(at).samples[0]!.pose!
    // Its formulas, of the transposed matrix (t[i][j] = r[j][i]).
    const t = (i: number, j: number): number => r[j]![i]!
    expect(roll).toBeCloseTo(-Math.atan2(t(1, 0), t(0, 0)), 10)
    expect(yaw).toBeCloseTo(-Math.atan2(-t(2, 0), Math.hypot(t(2, 1), t(2, 2))), 10)
    expect(pitch).toBeCloseTo(Math.atan2(t(2, 1), t(2, 2)), 10)
  })

  const centreOf = (cal: string, centre = '100 50 1000'): readonly [number, number] | undefined => {
    const pose = `1 0 0\n0 1 0\n0 0 1\n\n${centre}\n`
    const files = { '01/frame_00003_rgb.png': '', '01/frame_00003_pose.txt': pose, '01/rgb.cal': cal }
    return readBiwi(folder(files)).samples[0]!.centre
  }

  it('sees the head where the colour camera stands and looks', () => {
    // A quarter turn about z takes (100, 50, 1000) to (-50, 100, 1000); 10 to the right, 20 down, 500 mm nearer.
    const cal = '500 0 320\n0 400 240\n0 0 1\n\n0 0 0 0\n\n0 -1 0\n1 0 0\n0 0 1\n\n10 20 -500\n\n640 480\n'
    expect(centreOf(cal)).toEqual([320 + (500 * -40) / 500, 240 + (400 * 120) / 500])
    expect(centreOf(cal, '0 0 400')).toBeUndefined()
  })

  it("bends the picture as the camera's lens does", () => {
    const lens = (numbers: string): string => camera.replace('0 0 0 0', numbers).replace('20 0 0', '0 0 0')
    // x = 0.3, y = 0.4, so r2 = 0.25, by hand: 1 + 0.2 * 0.25 + 0.4 * 0.0625 = 1.075.
    const [u, v] = centreOf(lens('0.2 0.4 0 0'), '300 400 1000')!
    expect(u).toBeCloseTo(320 + 500 * 0.3 * 1.075, 9)
    expect(v).toBeCloseTo(240 + 500 * 0.4 * 1.075, 9)
    // Tangential: 2 p1 x y + p2 (r2 + 2 x x) = 0.0024 + 0.0086, p1 (r2 + 2 y y) + 2 p2 x y = 0.0057 + 0.0048.
    const [s, t] = centreOf(lens('0 0 0.01 0.02'), '300 400 1000')!
    expect(s).toBeCloseTo(320 + 500 * (0.3 + 0.0024 + 0.0086), 9)
    expect(t).toBeCloseTo(240 + 500 * (0.4 + 0.0057 + 0.0048), 9)
  })

  it('refuses a calibration that is none', () => {
    expect(() => centreOf('500 0 320')).toThrow(/has 3 numbers; expected 25/)
    expect(() => centreOf(camera.replace('500', 'x'))).toThrow(/holds something that is no number/)
  })

  it('refuses a label that is none', () => {
    const files = { '01/frame_00003_rgb.png': '', '01/frame_00003_pose.txt': '1 0 0' }
    expect(() => readBiwi(folder(files))).toThrow(/has 3 numbers; expected 12/)
    // Nothing, a stretch, a mirror image, and what is larger than numbers are.
    for (const m of ['0 0 0 0 0 0 0 0 0', '5 0 0 0 5 0 0 0 5', '-1 0 0 0 1 0 0 0 1', '1e308 0 0 0 1e308 0 0 0 1e308']) {
      const label = { ...files, '01/frame_00003_pose.txt': `${m} 0 0 800` }
      expect(() => readBiwi(folder(label))).toThrow(/_pose\.txt holds no rotation in its first nine numbers/)
    }
  })
})
