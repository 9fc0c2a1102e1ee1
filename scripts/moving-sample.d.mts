export const noFfmpeg: string
export function writeMovingSample(path: string): void
