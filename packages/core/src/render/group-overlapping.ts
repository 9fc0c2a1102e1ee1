import type { Backend } from '../backend.ts'
import { type DenseFace, verticesOf } from './dense-face.ts'
import { type Box, boundingBox, boxesOverlap, unionBox } from './render-target.ts'

/** Faces of a picture that may cover each other, and the pixels that they reach together. */
export interface FaceGroup<T extends DenseFace> {
  readonly box: Box
  readonly faces: readonly T[]
}

/** Faces in groups such that those of different groups have disjoint bounding boxes; order is kept within a group. */
export function groupOverlapping<T extends DenseFace>(
  faces: readonly T[],
  backend?: Pick<Backend, 'boundingBox'>,
): FaceGroup<T>[] {
  let groups: { box: Box; members: number[] }[] = []
  faces.forEach((face, index) => {
    const vertices = verticesOf(face)
    let merged = { box: backend?.boundingBox?.(vertices) ?? boundingBox(vertices), members: [index] }
    // A union may reach a group that none of its parts did: again until nothing joins.
    for (let joined = true; joined; ) {
      const touching = groups.filter(({ box }) => boxesOverlap(box, merged.box))
      joined = touching.length > 0
      groups = groups.filter((group) => !touching.includes(group))
      for (const { box, members } of touching)
        merged = { box: unionBox(box, merged.box), members: [...members, ...merged.members] }
    }
    groups.push(merged)
  })
  return groups.map(({ box, members }) => ({ box, faces: members.sort((a, b) => a - b).map((i) => faces[i]!) }))
}
