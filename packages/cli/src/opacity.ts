/**
 * How strongly a mesh covers what is below it, [0, 1], when the user did not say; undefined: as its style has it. On black there is
 * nothing to shine through.
 */
export function opacityOver(background: string, opacity: number | undefined): number | undefined {
  return opacity ?? (background === 'black' ? 1 : undefined)
}
