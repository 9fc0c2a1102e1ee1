import { type Mat3, multiply, transpose } from '../rotation.ts'

/** A rotation vector: direction is the axis, length the angle in radians. */
export type Vec3 = readonly [number, number, number]

/** Rotation vector -> rotation matrix (Rodrigues). */
export function expRotation([x, y, z]: Vec3): Mat3 {
  const angle = Math.hypot(x, y, z)
  // sin(a)/a and (1 - cos a)/a^2, by their series where the quotients lose digits.
  const a = angle < 1e-4 ? 1 - angle ** 2 / 6 : Math.sin(angle) / angle
  const b = angle < 1e-4 ? 0.5 - angle ** 2 / 24 : (1 - Math.cos(angle)) / angle ** 2
  return [
    1 - b * (y * y + z * z),
    b * x * y - a * z,
    b * x * z + a * y,
    b * x * y + a * z,
    1 - b * (x * x + z * z),
    b * y * z - a * x,
    b * x * z - a * y,
    b * y * z + a * x,
    1 - b * (x * x + y * y),
  ]
}

/** Rotation matrix -> the shortest rotation vector, angle in [0, pi]. */
export function logRotation(r: Mat3): Vec3 {
  const skew: Vec3 = [(r[7] - r[5]) / 2, (r[2] - r[6]) / 2, (r[3] - r[1]) / 2]
  const sine = Math.hypot(...skew)
  const cosine = (r[0] + r[4] + r[8] - 1) / 2
  const angle = Math.atan2(sine, cosine)
  if (sine > 1e-6) return [(skew[0] * angle) / sine, (skew[1] * angle) / sine, (skew[2] * angle) / sine]
  return cosine > 0 ? skew : halfTurn(r)
}

// Near pi the skew part vanishes; the symmetric part 2 a a^T - I still knows the axis up to sign, and either sign will do.
function halfTurn(r: Mat3): Vec3 {
  const squares = [(r[0] + 1) / 2, (r[4] + 1) / 2, (r[8] + 1) / 2]
  const i = squares.indexOf(Math.max(...squares))
  const axis = [0, 1, 2].map((j) => (i === j ? squares[i]! : (r[3 * i + j]! + r[3 * j + i]!) / 4))
  const length = Math.hypot(...axis)
  return axis.map((v) => (v / length) * Math.PI) as unknown as Vec3
}

/** The rotation vector that leads from `a` to `b`, in the frame of `a`: b = a exp(result). */
export function rotationBetween(a: Mat3, b: Mat3): Vec3 {
  return logRotation(multiply(transpose(a), b))
}

/** The way `t` (0 to 1) along the shortest turn from `a` to `b`. */
export function interpolateRotation(a: Mat3, b: Mat3, t: number): Mat3 {
  const [x, y, z] = rotationBetween(a, b)
  return multiply(a, expRotation([x * t, y * t, z * t]))
}
