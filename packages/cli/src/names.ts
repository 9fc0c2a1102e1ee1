import { parse } from 'node:path'

/**
 * A base name for the outputs of each file: its own without folder and ending. Where several files share one, the later ones
 * get -2, -3, ... in order, so that no output overwrites another's. Names that differ only in case or Unicode form count as
 * the same, as they are on some file systems. Control characters, which lines of an .obj cannot hold, become _,
 * and so do names of dots alone, which are folders'.
 */
export function outputNames(files: readonly string[]): string[] {
  const wanted = files.map((file) => parse(file).name.replace(/\p{Cc}|^\.+$/gu, '_'))
  const own = new Set(wanted.map(fold))
  const taken = new Set<string>()
  return wanted.map((name) => {
    let unique = name
    // A numbered name must not be one that another file has of its own.
    for (let n = 2; taken.has(fold(unique)) || (unique !== name && own.has(fold(unique))); n++) unique = `${name}-${n}`
    taken.add(fold(unique))
    return unique
  })
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
