import type { Colors } from './probe.ts'

/** ffprobe's names of colour matrices that swscale can make, by swscale's names. */
const MATRICES: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  fcc: 'fcc',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470bg',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
}

/** How RGB becomes YUV again: as the source says that it was made, so that colours come out as they went in. */
export function colorArgs({ space, primaries, transfer }: Colors): { filter: string; tags: string[] } {
  const matrix = MATRICES[space ?? '']
  const tags = [
    ...(matrix ? ['-colorspace', space!] : []),
    ...(isKnown(primaries) ? ['-color_primaries', primaries] : []),
    ...(isKnown(transfer) ? ['-color_trc', transfer] : []),
    ...['-color_range', 'tv'],
  ]
  // Without a tag both ways take ffmpeg's default, which undo each other.
  return { filter: `scale=out_range=tv${matrix ? `:out_color_matrix=${matrix}` : ''}`, tags }
}

function isKnown(name: string | undefined): name is string {
  return name !== undefined && /^[a-z][a-z0-9-]*$/.test(name) && !['unknown', 'reserved', 'unspecified'].includes(name)
}
