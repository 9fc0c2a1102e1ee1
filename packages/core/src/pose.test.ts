import { describe, expect, it } from 'vitest'
import {
  anglesFromRotation,
  openCvMatrix,
  poseFromParams,
  quaternionFromRotation,
  rotationFromAngles,
  threeMatrix,
} from './pose.ts'
import { determinant, type Mat3, multiply, nearestRotation } from './rotation.ts'
import { random } from './testing.ts'

const rad = (degrees: number) => (degrees * Math.PI) / 180
const camera = (r: readonly number[], scale = 1) =>
  Float32Array.from([r[0]!, r[1]!, r[2]!, 0, r[3]!, r[4]!, r[5]!, 0, r[6]!, r[7]!, r[8]!, 0].map((v) => v * scale))

function rotateByQuaternion([x, y, z, w]: readonly number[], v: readonly number[]): number[] {
  const cross = (a: readonly number[], b: readonly number[]) => [
    a[1]! * b[2]! - a[2]! * b[1]!,
    a[2]! * b[0]! - a[0]! * b[2]!,
    a[0]! * b[1]! - a[1]! * b[0]!,
  ]
  const u = [x!, y!, z!]
  const t = cross(u, v).map((c) => 2 * c)
  const ut = cross(u, t)
  return v.map((c, i) => c + w! * t[i]! + ut[i]!)
}

describe('Euler angles', () => {
  it('come back from the rotation they make, over the whole range', () => {
    const next = random(1)
    for (let i = 0; i < 1000; i++) {
      const angles = { pitch: (next() * 2 - 1) * 3.1, yaw: (next() * 2 - 1) * 1.56, roll: (next() * 2 - 1) * 3.1 }
      const back = anglesFromRotation(rotationFromAngles(angles))
      for (const key of ['pitch', 'yaw', 'roll'] as const) expect(back[key]).toBeCloseTo(angles[key], 9)
    }
  })

  it('are the product Rx Ry Rz of single rotations', () => {
    const a = { pitch: 0.3, yaw: -0.8, roll: 1.1 }
    const x = rotationFromAngles({ pitch: a.pitch, yaw: 0, roll: 0 })
    const y = rotationFromAngles({ pitch: 0, yaw: a.yaw, roll: 0 })
    const z = rotationFromAngles({ pitch: 0, yaw: 0, roll: a.roll })
    const product = multiply(multiply(x, y), z)
    rotationFromAngles(a).forEach((v, i) => {
      expect(v).toBeCloseTo(product[i]!, 12)
    })
  })

  it.each([rad(90), rad(-90)])('in gimbal lock (yaw %f) still give the same rotation, with roll 0', (yaw) => {
    const r = rotationFromAngles({ pitch: 0.4, yaw, roll: -0.3 })
    const back = anglesFromRotation(r)
    expect(back.roll).toBe(0)
    rotationFromAngles(back).forEach((v, i) => {
      expect(v).toBeCloseTo(r[i]!, 6)
    })
  })
})

describe('quaternion', () => {
  it('turns vectors as the matrix does, in all four branches', () => {
    const next = random(2)
    const cases: Mat3[] = [
      [1, 0, 0, 0, -1, 0, 0, 0, -1],
      [-1, 0, 0, 0, 1, 0, 0, 0, -1],
      [-1, 0, 0, 0, -1, 0, 0, 0, 1],
    ]
    for (let i = 0; i < 300; i++)
      cases.push(rotationFromAngles({ pitch: next() * 6, yaw: next() * 6, roll: next() * 6 }))
    for (const r of cases) {
      const q = quaternionFromRotation(r)
      expect(Math.hypot(...q)).toBeCloseTo(1, 12)
      const turned = rotateByQuaternion(q, [1, 2, 3])
      for (let row = 0; row < 3; row++)
        expect(turned[row]).toBeCloseTo(r[3 * row]! + 2 * r[3 * row + 1]! + 3 * r[3 * row + 2]!, 9)
    }
  })
})

describe('nearestRotation', () => {
  it('finds rotation and scale of a scaled rotation', () => {
    const r = rotationFromAngles({ pitch: 0.2, yaw: 0.9, roll: -0.5 })
    const found = nearestRotation(r.map((v) => v * 4.8e-4) as unknown as Mat3)
    expect(found.scale).toBeCloseTo(4.8e-4, 12)
    found.rotation.forEach((v, i) => {
      expect(v).toBeCloseTo(r[i]!, 12)
    })
  })

  it('is a rotation, and no rotation near it is nearer, for a bent matrix', () => {
    const next = random(3)
    const m = rotationFromAngles({ pitch: 0.2, yaw: 0.9, roll: -0.5 }).map(
      (v) => 2 * v + (next() - 0.5) * 0.3,
    ) as unknown as Mat3
    const { rotation, scale } = nearestRotation(m)
    expect(determinant(rotation)).toBeCloseTo(1, 12)
    const distance = (r: Mat3) => Math.hypot(...r.map((v, i) => v * scale - m[i]!))
    for (let i = 0; i < 100; i++) {
      const nudge = rotationFromAngles({
        pitch: (next() - 0.5) * 0.02,
        yaw: (next() - 0.5) * 0.02,
        roll: (next() - 0.5) * 0.02,
      })
      expect(distance(multiply(nudge, rotation))).toBeGreaterThanOrEqual(distance(rotation))
    }
  })

  it('refuses a mirror and a singular matrix', () => {
    expect(() => nearestRotation([-1, 0, 0, 0, 1, 0, 0, 0, 1])).toThrow(/scaled rotation/)
    expect(() => nearestRotation([0, 0, 0, 0, 0, 0, 0, 0, 0])).toThrow(/scaled rotation/)
  })
})

describe('head pose', () => {
  it('reads angles and scale from the camera', () => {
    const angles = { pitch: rad(10), yaw: rad(-40), roll: rad(5) }
    const pose = poseFromParams({ camera: camera(rotationFromAngles(angles), 5e-4) })
    expect(pose.yaw).toBeCloseTo(angles.yaw, 6)
    expect(pose.pitch).toBeCloseTo(angles.pitch, 6)
    expect(pose.roll).toBeCloseTo(angles.roll, 6)
    expect(pose.scale).toBeCloseTo(5e-4, 9)
  })

  it('shows why the reference is wrong: its formula reads other angles from the same labels', () => {
    const angles = { pitch: rad(20), yaw: rad(-50), roll: rad(-15) }
    const reference = poseFromParams({ camera: camera(rotationFromAngles(angles)) }, '3ddfa-v2')
    expect(Math.abs(reference.roll - angles.roll)).toBeGreaterThan(rad(5))
  })

  it('gives three.js and OpenCV the same turn in their own frames', () => {
    const pose = poseFromParams({ camera: camera(rotationFromAngles({ pitch: 0.1, yaw: 0.5, roll: -0.2 })) })
    const three = threeMatrix(pose)
    expect([three[0], three[4], three[8]]).toEqual([pose.rotation[0], pose.rotation[1], pose.rotation[2]])
    const flip: Mat3 = [1, 0, 0, 0, -1, 0, 0, 0, -1]
    openCvMatrix(pose).forEach((v, i) => {
      expect(v).toBeCloseTo(multiply(multiply(flip, pose.rotation), flip)[i]!, 12)
    })
  })
})
