import { expect, expectObject, expectOneOf } from '../errors.ts'
import { POSE_CONVENTIONS, type PoseConvention } from '../pose.ts'

/** Ways against jitter, the default first. */
export const SMOOTHINGS = ['one-euro', 'look-ahead', 'none'] as const
/**
 * - `none`: what the network says, frame by frame.
 * - `one-euro` (default): One Euro filters (Casiez et al., CHI 2012) on the parameters in picture space, rotation on SO(3);
 *   no latency.
 * - `look-ahead`: mean of the neighbouring frames' points, as 3DDFA_V2's `demo_video_smooth.py`; `nNext` frames of latency.
 */
export type Smoothing = (typeof SMOOTHINGS)[number]

export interface TrackerOptions {
  /**
   * Frames between two looks of the detector while all is well, at least 1. 30 unless given: a new face is seen after a second
   * at most, and the detector costs half as much as with 15 (0.6 and 1.2 ms a frame). Below 30 frames a second it looks after
   * `detectEvery` / 30 seconds, at least one, if that comes first; for three seconds after a face was lost every five frames.
   */
  readonly detectEvery?: number | undefined
  /**
   * Also find faces that lie on their side or upside down: each look of the detector costs eight. False unless given; a face that is followed
   * is followed however it turns.
   */
  readonly anyRoll?: boolean | undefined
  /** Seconds for which a face may be hidden before its track ends, at least 0. 0.5 unless given. */
  readonly grace?: number | undefined
  /**
   * A face below this confidence is lost, [0, 1]; 0.5 unless given. One that is new or was hidden has to reach the middle
   * between this and 1, a hidden one in three frames in a row unless the detector sees it too.
   */
  readonly minConfidence?: number | undefined
  /** Faces that are followed at once, those with the best detection score first, at least 1. 16 unless given. */
  readonly maxFaces?: number | undefined
  /** See `Smoothing`. `one-euro` unless given. */
  readonly smoothing?: Smoothing | undefined
  /** Frames before the current one in the mean of `look-ahead`, 0 to 15. 1 unless given. */
  readonly nPre?: number | undefined
  /** Frames after the current one in the mean of `look-ahead`, 0 to 15; the latency. 1 unless given. */
  readonly nNext?: number | undefined
  /** Also decode the dense vertices. False unless given. */
  readonly dense?: boolean | undefined
  /**
   * Hand the same arrays of dense vertices out again and again: those of a frame are then valid only until the next one is
   * asked for. False unless given.
   */
  readonly reuse?: boolean | undefined
  /** See `PoseConvention`. */
  readonly poseConvention?: PoseConvention | undefined
}

type Settled = { readonly [K in Exclude<keyof TrackerOptions, 'poseConvention'>]-?: NonNullable<TrackerOptions[K]> }

/** What holds unless given. */
export const TRACKER_DEFAULTS: Settled = {
  detectEvery: 30,
  anyRoll: false,
  grace: 0.5,
  minConfidence: 0.5,
  maxFaces: 16,
  smoothing: 'one-euro',
  nPre: 1,
  nNext: 1,
  dense: false,
  reuse: false,
}

/** Options with defaults in place. @throws {InvalidInputError} that names the option and its range. */
export function settleTrackerOptions(options: TrackerOptions): Settled & Pick<TrackerOptions, 'poseConvention'> {
  expectObject(options, 'options', 'an object, or nothing,')
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const all = { ...TRACKER_DEFAULTS, ...given } as Settled & Pick<TrackerOptions, 'poseConvention'>
  const integer = (name: 'detectEvery' | 'maxFaces' | 'nPre' | 'nNext', min: number, max: number): void => {
    const value = all[name]
    expect(Number.isInteger(value) && value >= min && value <= max, name, `an integer from ${min} to ${max}`, value)
  }
  integer('detectEvery', 1, 1e6)
  integer('maxFaces', 1, 1000)
  integer('nPre', 0, 15)
  integer('nNext', 0, 15)
  expect(all.grace >= 0 && all.grace < Infinity, 'grace', 'seconds of at least 0', all.grace)
  expect(all.minConfidence >= 0 && all.minConfidence <= 1, 'minConfidence', 'a number in [0, 1]', all.minConfidence)
  expectOneOf(SMOOTHINGS, all.smoothing, 'smoothing')
  if (all.poseConvention !== undefined) expectOneOf(POSE_CONVENTIONS, all.poseConvention, 'poseConvention')
  return all
}
