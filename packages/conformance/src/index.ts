import { argumentChecks } from './argument-checks.ts'
import type { Check } from './check.ts'
import { decodeChecks } from './decode-checks.ts'
import { edgeScenes } from './edge-scenes.ts'
import { faceLikeScenes } from './face-like.ts'
import { invariantChecks } from './invariant-checks.ts'
import { litChecks } from './lit-checks.ts'
import { renderChecks } from './render-checks.ts'
import { resampleChecks } from './resample-checks.ts'
import type { Scene } from './scene.ts'
import { solidScenes } from './solid-scenes.ts'

export { argumentChecks, disposeCheck } from './argument-checks.ts'
export type { Check } from './check.ts'
export { DECODE_TOLERANCE, decodeCheck, decodeChecks } from './decode-checks.ts'
export { faceLikeModel, faceLikeParams, posedScenes } from './face-like.ts'
export { invariantChecks } from './invariant-checks.ts'
export { litChecks } from './lit-checks.ts'
export { renderChecks } from './render-checks.ts'
export { resampleChecks } from './resample-checks.ts'
export type { Scene } from './scene.ts'

/** Every generated scene. */
export function allScenes(): Scene[] {
  return [...edgeScenes(), ...solidScenes(), ...faceLikeScenes()]
}

/**
 * Everything that needs no data from outside: `for (const { name, run } of allChecks()) run(backend, reference)` gives
 * undefined, or one line that says what differs.
 */
export function allChecks(): Check[] {
  return [
    ...renderChecks(allScenes()),
    ...litChecks(allScenes()),
    ...invariantChecks(),
    ...resampleChecks(),
    ...decodeChecks(),
    ...argumentChecks(),
  ]
}
