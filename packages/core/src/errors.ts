import { isTransferred } from './transferred.ts'

/** A caller's mistake: wrong shape, range or kind of an argument. The message is one sentence fit for an end user. */
export class InvalidInputError extends Error {
  override name = 'InvalidInputError'
}

/** Use of a backend, session or aligner after its `dispose()`. */
export class DisposedError extends Error {
  override name = 'DisposedError'
}

/** @throws {InvalidInputError} `Expected <what> for <name> but received <received>`, unless `condition` holds. */
export function expect(condition: boolean, name: string, what: string, received: unknown): asserts condition {
  if (!condition) throw new InvalidInputError(`Expected ${what} for ${name} but received ${describe(received)}.`)
}

/** @throws {InvalidInputError} unless `value` is an object: callers without types give null, or what they meant to wrap. */
export function expectObject(value: unknown, name: string, what: string): void {
  expect(typeof value === 'object' && value !== null, name, what, value)
}

/** @throws {InvalidInputError} unless `value` is a function, or nothing. */
export function expectFunction(value: unknown, name: string): void {
  expect(value === undefined || typeof value === 'function', name, 'a function', value)
}

/** @throws {InvalidInputError} unless `choice` is one of `choices`. */
export function expectOneOf<T extends string>(choices: readonly T[], choice: T, name: string): void {
  expect(choices.includes(choice), name, `one of ${choices.join(', ')}`, choice)
}

function describe(value: unknown): string {
  // Its source would be pages.
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function'
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
  if (ArrayBuffer.isView(value)) {
    const array = `${value.constructor.name}(${(value as Uint8Array).length ?? value.byteLength})`
    return isTransferred(value) ? `${array}, whose memory was transferred` : array
  }
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object of ${value.constructor?.name ?? 'no class'}`
  return String(value)
}
