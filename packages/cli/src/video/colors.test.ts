import { expect, it } from 'vitest'
import { colorArgs } from './colors.ts'

it('goes back by the matrix that the file names', () => {
  const { filter, tags } = colorArgs({ space: 'bt2020nc', primaries: 'bt2020', transfer: 'smpte2084' })
  expect(filter).toBe('scale=out_range=tv:out_color_matrix=bt2020')
  expect(tags.join(' ')).toBe('-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 -color_range tv')
})

it('takes the default both ways where the file names none that can be made', () => {
  for (const space of [undefined, 'unknown', 'gbr', '-y'])
    expect(colorArgs({ space, primaries: 'reserved', transfer: '-i' })).toEqual({
      ...{ filter: 'scale=out_range=tv', tags: ['-color_range', 'tv'] },
    })
})
