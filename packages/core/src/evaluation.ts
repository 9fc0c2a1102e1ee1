/** Measures of accuracy, steadiness and speed, as published protocols define them. */
export type { Bounds } from './bounds.ts'
export * from './evaluation/cumulative-error.ts'
export * from './evaluation/nme.ts'
export * from './evaluation/pose-error.ts'
export * from './evaluation/stability.ts'
export * from './evaluation/statistics.ts'
export * from './evaluation/yaw-bins.ts'
export { intersectionOverUnion } from './roi.ts'
