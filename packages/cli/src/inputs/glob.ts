import { CliError, EXIT } from '../errors.ts'
import { isPicture } from '../images.ts'

/** A glob, taken apart so that a folder can be walked and matched without gathering what matches. */
export interface Glob {
  /** The part before the first wildcard, a folder; may be empty. */
  readonly base: string
  /** Whether a path below `base`, with slashes, matches. */
  matches(path: string): boolean
  /** How deep below `base` a match may lie. */
  readonly depth: number
  /** Whether a part asks for names that start with a dot. */
  readonly hidden: boolean
}

/** The pictures of a folder by their ending, but for hidden ones. @param recursive also those of its folders, at any depth. */
export function pictures(recursive: boolean): Omit<Glob, 'base'> {
  return { matches: isPicture, hidden: false, depth: recursive ? Number.POSITIVE_INFINITY : 0 }
}

/** Extended patterns of some shells, and ranges of numbers. */
const EXTENDED = /[@!+*?]\(|\{[^{},]*\.\.[^{},]*\}/

/** Whether a name that nothing has is meant as a glob. */
export function isGlob(name: string): boolean {
  return /[*?]|\[[^\]]+\]|\{[^{}]*,[^{}]*\}/.test(name) || EXTENDED.test(name)
}

/**
 * Understands `*`, `**`, `?`, `[a-z]`, `[!a-z]` and `{a,b}`; `*` and the like leave out names that start with a dot.
 * @throws {CliError} on the extended patterns of some shells.
 */
export function parseGlob(pattern: string): Glob {
  if (EXTENDED.test(pattern))
    throw new CliError(
      `Expected a glob of *, **, ?, [] and {,} but received ${pattern}; let the shell expand it, or give the output of find to \`3ddfa batch -\`.`,
      EXIT.usage,
    )
  const parts = pattern.split('/')
  const fixed = parts.slice(0, -1).findIndex((part) => /[*?[\]{}]/.test(part))
  const cut = fixed < 0 ? parts.length - 1 : fixed
  const base = parts.slice(0, cut).join('/') || (cut > 0 ? '/' : '')
  const patterns = expandBraces(parts.slice(cut).join('/')).map((text) => text.split('/'))
  const expression = compile(patterns, pattern)
  const deep = patterns.some((segments) => segments.includes('**'))
  return {
    base,
    matches: (path) => expression.test(path),
    depth: deep ? Number.POSITIVE_INFINITY : Math.max(...patterns.map((segments) => segments.length)) - 1,
    hidden: patterns.some((segments) => segments.some((segment) => segment.startsWith('.'))),
  }
}

function compile(patterns: readonly (readonly string[])[], pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${patterns.map(translate).join('|')})$`, 's')
  } catch {
    // All else is escaped.
    throw new CliError(`Expected ranges that rise, such as [a-z], but received ${pattern}.`, EXIT.usage)
  }
}

/** `a{b,c{d,e}}` -> `ab`, `acd`, `ace`. */
function expandBraces(pattern: string): string[] {
  let patterns = [pattern]
  // One pair of braces in each at a time, so that what comes out alike is one before it is taken further.
  for (;;) {
    const expanded = [...new Set(patterns.flatMap(expandInnermost))]
    if (expanded.length > 10_000) throw new CliError(`The glob ${pattern} stands for too many patterns.`, EXIT.usage)
    if (expanded.length === patterns.length && expanded.every((text, i) => text === patterns[i])) return expanded
    patterns = expanded
  }
}

function expandInnermost(pattern: string): string[] {
  const innermost = /\{([^{}]*,[^{}]*)\}/.exec(pattern)
  if (!innermost) return [pattern]
  const [before, after] = [pattern.slice(0, innermost.index), pattern.slice(innermost.index + innermost[0].length)]
  return innermost[1]!.split(',').map((choice) => before + choice + after)
}

function translate(segments: readonly string[], pattern: number): string {
  const visible = '(?!\\.)[^/]+'
  return segments
    .map((segment, i) => {
      const last = i === segments.length - 1
      if (segment === '**') return last ? `(?:${visible}/)*${visible}` : `(?:${visible}/)*`
      const name = `p${pattern}s${i}`
      return `${/^[*?[]/.test(segment) ? '(?!\\.)' : ''}${translateSegment(segment, name)}${last ? '' : '/'}`
    })
    .join('')
}

/**
 * What follows a `*` is taken where it comes first, for good (a group that is matched whole): a name of many letters against many
 * stars would else be tried in all ways. Only after the last one does the end decide.
 * @param name unique among the groups of the expression
 */
function translateSegment(segment: string, name: string): string {
  const [first, ...rest] = segment
    .replace(/\*+|\?|\[([!^]?)([^\]]+)\]|[\\^$.|+(){}[\]]/g, (text, not: string, set: string) => {
      if (text.startsWith('*')) return STAR
      if (text === '?') return '[^/]'
      return set === undefined ? `\\${text}` : `(?!/)[${not && '^'}${set.replace(/[\\[^]/g, '\\$&')}]`
    })
    .split(STAR)
  const last = rest.pop()
  if (last === undefined) return first!
  const taken = rest.map((part, k) => `(?=(?<${name}k${k}>[^/]*?${part}))\\k<${name}k${k}>`)
  return `${first}${taken.join('')}[^/]*${last}`
}

/** No argument of a program holds it. */
const STAR = '\0'
