import { describe, expect, it } from 'vitest'
import { outputNames } from './names.ts'

describe('outputNames', () => {
  it.each([
    [
      ['a/x.jpg', 'b/y.png'],
      ['x', 'y'],
    ],
    [
      ['a/x.jpg', 'b/x.jpg', 'x.png'],
      ['x', 'x-2', 'x-3'],
    ],
    // A numbered name keeps clear of a file that has it of its own, before or after.
    [
      ['a/x.jpg', 'b/x.jpg', 'x-2.jpg'],
      ['x', 'x-3', 'x-2'],
    ],
    [
      ['x-2.jpg', 'a/x.jpg', 'b/x.jpg'],
      ['x-2', 'x', 'x-3'],
    ],
    [
      ['a/x-2.jpg', 'b/x-2.jpg', 'a/x.jpg', 'b/x.jpg'],
      ['x-2', 'x-2-2', 'x', 'x-3'],
    ],
    // Folders, not names.
    [
      ['..jpg', '...jpg', '.jpg'],
      ['_', '_-2', '.jpg'],
    ],
    // No line of a file can hold them.
    [
      ['a/n\nv 1 2 3.jpg', 'b/n_v 1 2 3.jpg'],
      ['n_v 1 2 3', 'n_v 1 2 3-2'],
    ],
    // Some file systems ignore case and compose letters.
    [
      ['a/Ümit.jpg', 'b/U\u0308MIT.jpg'],
      ['Ümit', 'U\u0308MIT-2'],
    ],
    [
      ['.jpg', 'no ending', 'two.dots.jpg'],
      ['.jpg', 'no ending', 'two.dots'],
    ],
  ])('%j gives %j', (files, names) => {
    expect(outputNames(files)).toEqual(names)
    const folded = outputNames(files).map((name) => name.normalize('NFC').toLowerCase())
    expect(new Set(folded).size).toBe(files.length)
  })
})
