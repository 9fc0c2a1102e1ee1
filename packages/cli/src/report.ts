import { type Face, faceConfidence, type JsonImage, TRACKER_DEFAULTS } from '@3ddfa/core'
import { MAX_DETECT_SIZE } from './limits.ts'

/** JSON for files and --json: indented, but lists of numbers or names on one line. */
export function formatJson(value: object): string {
  // In a string a line feed is escaped, so lists alone begin with one.
  const numbers = /\[\n\s*((?:-?[\d.e+-]+|"\w+")(?:,\s+(?:-?[\d.e+-]+|"\w+"))*)\s+\]/g
  return `${JSON.stringify(value, null, 2).replace(numbers, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`
}

/** `photo.jpg: 2 faces -> a.png, b.png` */
export function describePicture({ file, faces, outputs }: JsonImage): string {
  const paths = Object.values(outputs ?? {}).flat()
  return `${file}: ${countFaces(faces!.length)}${paths.length > 0 ? ` -> ${paths.join(', ')}` : ''}`
}

/** Up to this side every detector that can looks at all pixels, or nearly so. */
const WELL_SEEN = 1080

const TURNED = 'Faces that lie on their side or upside down need --any-roll.'

/**
 * What to try where there is no face: to look at it turned, and closer where it was scaled down for the detector.
 * @param detectSize if one was given; Infinity for a detector that has but one.
 */
export function adviseLookingCloser(
  { faces, width, height }: JsonImage,
  detectSize = WELL_SEEN,
  anyRoll = false,
): string | undefined {
  if (faces!.length > 0) return undefined
  const size = Math.min(Math.max(width!, height!), MAX_DETECT_SIZE)
  const closer = size > detectSize ? `Faces that are small in it may be found with --detect-size ${size}.` : undefined
  const advice = [closer, anyRoll ? undefined : TURNED].filter((sentence) => sentence !== undefined)
  return advice.length > 0 ? `  ${advice.join(' ')}` : undefined
}

/** What a new face has to reach to be followed; all fits to upright faces of our test pictures do, half of those do not that are upside down and looked at as if they were not. */
const CONFIDENT = (1 + TRACKER_DEFAULTS.minConfidence) / 2

/** Which faces' fits are doubtful, if any are, and where in the picture those are, in pixels; of faces with a parameter network. */
export function describeDoubts(
  file: string,
  faces: readonly Pick<Face, 'params' | 'pose' | 'roi' | 'landmarks'>[],
  anyRoll = false,
): string | undefined {
  const doubtful = faces.flatMap((face, i) =>
    faceConfidence(face) < CONFIDENT ? [`${i + 1} (around ${middleOf(face)})`] : [],
  )
  if (doubtful.length === 0) return undefined
  const [fits, are, they] = doubtful.length === 1 ? ['fit of face', 'is', 'It'] : ['fits of faces', 'are', 'They']
  const advice = anyRoll ? '' : ` ${TURNED}`
  return `${file}: the ${fits} ${doubtful.join(', ')} ${are} doubtful. ${they} may be covered or cut off.${advice}`
}

function middleOf({ roi: { x1, y1, x2, y2 } }: Pick<Face, 'roi'>): string {
  return `x ${Math.round((x1 + x2) / 2)}, y ${Math.round((y1 + y2) / 2)}`
}

/** `face 1: yaw 2.0, pitch 1.0, roll 3.0 degrees` */
export function describePoses({ faces }: JsonImage): string[] {
  return faces!.map(({ pose: { pitch, yaw, roll } }, i) => {
    const [p, y, r] = [pitch, yaw, roll].map((angle) => angle.toFixed(1))
    return `  face ${i + 1}: yaw ${y}, pitch ${p}, roll ${r} degrees`
  })
}

export function describeTimings({ timings }: JsonImage): string {
  return `  ${Object.entries(timings!)
    .map(([stage, milliseconds]) => `${stage} ${milliseconds.toFixed(1)}`)
    .join(', ')} ms`
}

export function summarize(images: readonly JsonImage[], milliseconds: number): string {
  const done = images.filter(({ error }) => error === undefined)
  const faces = done.reduce((sum, image) => sum + image.faces!.length, 0)
  return describeTotals({ done: done.length, faces, failed: images.length - done.length }, milliseconds)
}

/** What a run did; pictures that failed are not among those that are done. */
export interface Totals {
  readonly done: number
  readonly faces: number
  readonly failed: number
}

/** `40 pictures, 41 faces, 1 failed, 2.10 s` */
export function describeTotals({ done, faces, failed }: Totals, milliseconds: number): string {
  const failures = failed > 0 ? `, ${failed} failed` : ''
  return `${count(done, 'picture')}, ${count(faces, 'face')}${failures}, ${(milliseconds / 1000).toFixed(2)} s`
}

/** `no face`, `1 face`, `2 faces` */
export function countFaces(n: number): string {
  return n === 0 ? 'no face' : count(n, 'face')
}

/** `1 face`, `2 faces` */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
