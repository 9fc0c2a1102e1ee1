import type { EulerAngles, Roi } from '@3ddfa/core'

/** A picture and what is known of the face in it. */
export interface Sample {
  /** Names it in results. */
  readonly name: string
  /** Its file. */
  readonly path: string
  /** [136] x y of the 68 true points. */
  readonly points?: Float64Array
  /** [136] the same, annotated anew. */
  readonly reannotated?: Float64Array
  /** [42] x y of AFLW's 21 points, -1 where there is no label. */
  readonly points21?: Float64Array
  /** Radians, in the convention of 300W-LP's labels. */
  readonly pose?: EulerAngles
  /** Degrees, by the name of the list that gives them; pictures are binned by each. */
  readonly yaws: Readonly<Record<string, number>>
  /** The picture is a crop: the region of the picture that points are counted in. */
  readonly place?: Roi
  /** Where the head's middle is, pixels, when no points are known. */
  readonly centre?: readonly [number, number]
}

/** A folder of pictures with what is known of them. */
export interface Dataset {
  /** As in results, for example `aflw2000`. */
  readonly name: string
  readonly samples: readonly Sample[]
}
