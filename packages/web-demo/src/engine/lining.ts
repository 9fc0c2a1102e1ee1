import { createMouthLining, type MorphableModel, type MouthLining } from '@3ddfa/core'

const found = new WeakMap<MorphableModel, { readonly lining: MouthLining | undefined }>()

/** What closes the mouth of a model's meshes: looked for once, which takes as long as a frame. */
export function liningOf(model: MorphableModel): MouthLining | undefined {
  const known = found.get(model) ?? { lining: createMouthLining(model, model.mean) }
  found.set(model, known)
  return known.lining
}
