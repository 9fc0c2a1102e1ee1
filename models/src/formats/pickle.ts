import { Budget, type ByteReader, FormatError, latin1 } from './reader.ts'

/** What a pickle may build: plain values, and what the caller's allow-list makes of `global(...)` calls. */
export type PickleValue = unknown

/** An imported name, as `module.name`; it is only ever handed to `PickleHandlers.call`. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

export interface PickleHandlers {
  /** The names that may be imported. Everything else is refused by name before anything is built. */
  readonly allowed: ReadonlySet<string>
  /** The result of calling an allowed name (REDUCE, NEWOBJ). */
  call(name: string, args: readonly PickleValue[]): PickleValue
  /** BUILD: gives `state` to `object`, in place (the memo may hold it already). */
  build(object: PickleValue, state: PickleValue): void
  /** A persistent id (torch's storages). Refused when absent. */
  persistent?(id: PickleValue): PickleValue
}

/**
 * A key of a dictionary as text.
 * @throws {FormatError} unless it is text or a whole number: the text of a list of lists may be without end.
 */
export function keyOf(key: PickleValue, what: string): string {
  if (typeof key === 'string' || typeof key === 'bigint' || Number.isSafeInteger(key)) return String(key)
  throw new FormatError(`${what} was refused: its pickle has a name that is neither text nor a whole number.`)
}

// A real checkpoint needs a few thousand steps and nests less than ten deep.
const MAX_STEPS = 1_000_000
const MAX_STACK = 1_000_000
// Below protocol 3 the numbers of arrays are text. JavaScript has no text of 2 ** 29 characters.
const MAX_TEXT = 2 ** 28
const MARK = Symbol('mark')

/**
 * Reads one pickle (protocols 0 to 5) without running anything: a stack machine over plain values. Dictionaries become Maps,
 * tuples and lists arrays, bytes Uint8Arrays.
 * @throws {FormatError} on a name that is not allowed, an opcode that data does not need, or damage.
 */
export function readPickle(reader: ByteReader, handlers: PickleHandlers): PickleValue {
  return new Machine(reader, handlers).run()
}

class Machine {
  readonly #stack: unknown[] = []
  readonly #memo = new Map<number, unknown>()
  readonly #texts: Budget

  constructor(
    readonly reader: ByteReader,
    readonly handlers: PickleHandlers,
  ) {
    this.#texts = new Budget(
      MAX_TEXT,
      `${reader.what} was refused: its pickle has more than ${MAX_TEXT} bytes of text.`,
    )
  }

  run(): PickleValue {
    for (let step = 0; step < MAX_STEPS; step++) {
      const opcode = this.reader.u8()
      if (opcode === 0x2e) return this.#pop()
      const action = ACTIONS[opcode]
      if (!action) throw this.#refuse(`the opcode 0x${opcode.toString(16)}`)
      action(this)
      if (this.#stack.length > MAX_STACK) throw this.#refuse('too deep a stack')
    }
    throw this.#refuse('too many steps')
  }

  push(value: unknown): void {
    this.#stack.push(value)
  }

  pop(): unknown {
    return this.#pop()
  }

  /** The values above the last mark, which is removed. */
  popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(MARK)
    if (at < 0) throw this.#damaged()
    const items = this.#stack.splice(at)
    return items.slice(1)
  }

  top(): unknown {
    const value = this.#stack.at(-1)
    if (value === undefined && this.#stack.length === 0) throw this.#damaged()
    return value
  }

  memoize(index: number = this.#memo.size): void {
    if (this.#memo.size >= MAX_STACK) throw this.#refuse('too many memo entries')
    this.#memo.set(index, this.top())
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw this.#damaged()
    this.push(this.#memo.get(index))
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw this.#damaged()
    const full = `${module}.${name}`
    if (!this.handlers.allowed.has(full)) throw this.#refuse(`\`${full.slice(0, 100)}\``)
    this.push(new PickleGlobal(full))
  }

  call(): void {
    const args = this.#pop()
    const callee = this.#pop()
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) throw this.#damaged()
    this.push(this.handlers.call(callee.name, args))
  }

  build(): void {
    const state = this.#pop()
    this.handlers.build(this.top(), state)
  }

  persistent(id: unknown): void {
    if (!this.handlers.persistent) throw this.#refuse('a persistent id')
    this.push(this.handlers.persistent(id))
  }

  append(items: readonly unknown[]): void {
    const list = this.top()
    if (!Array.isArray(list)) throw this.#damaged()
    for (const item of items) list.push(item)
  }

  setItems(items: readonly unknown[]): void {
    const map = this.top()
    if (!(map instanceof Map) || items.length % 2 !== 0) throw this.#damaged()
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1])
  }

  bytes(length: number): Uint8Array {
    return this.reader.take(length)
  }

  text(length: number): string {
    return new TextDecoder().decode(this.#text(length))
  }

  latin1(length: number): string {
    return latin1(this.#text(length))
  }

  /** Text up to a newline, which is eaten. */
  line(): string {
    const line = this.latin1(this.reader.lineLength())
    this.reader.u8()
    return line
  }

  #text(length: number): Uint8Array {
    const bytes = this.reader.take(length)
    this.#texts.spend(length)
    return bytes
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw this.#damaged()
    const value = this.#stack.pop()
    if (value === MARK) throw this.#damaged()
    return value
  }

  #damaged(): FormatError {
    return new FormatError(`${this.reader.what} is damaged: its pickle does not add up at byte ${this.reader.at}.`)
  }

  #refuse(what: string): FormatError {
    return new FormatError(
      `${this.reader.what} was refused: its pickle asks for ${what}, which arrays and tensors do not need.`,
    )
  }
}

type Action = (m: Machine) => void
const one =
  (value: () => unknown): Action =>
  (m) =>
    m.push(value())

/** LONG1, LONG4: little-endian two's complement. */
function long(bytes: Uint8Array): number | bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
  if (bytes.length > 0 && bytes.at(-1)! & 0x80) value -= 1n << BigInt(8 * bytes.length)
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function shortLong(m: Machine, length: number): void {
  if (length < 0 || length > 64) throw new FormatError(`${m.reader.what} is damaged: an integer of ${length} bytes.`)
  m.push(long(m.bytes(length)))
}

function integer(text: string): number | boolean {
  if (text === '00' || text === '01') return text === '01'
  return Number.parseInt(text, 10)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/** Protocol 0 strings are Python literals in ASCII; escapes beyond the common ones are left as they are. */
function literal(text: string): string {
  const quoted = text.replace(/^['"]|['"]$/g, '')
  // Not with replace(): the list of all that it finds takes gigabytes where the text is an array's numbers.
  const bytes = new Uint8Array(quoted.length)
  let length = 0
  for (let at = 0; at < quoted.length; at++) {
    let char = quoted[at]!
    if (char === '\\' && at + 1 < quoted.length) {
      const hex = /^x([0-9a-f]{2})/.exec(quoted.slice(at + 1, at + 4))?.[1]
      at += hex ? 3 : 1
      char = hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[quoted[at]!] ?? quoted[at]!)
    }
    bytes[length++] = char.charCodeAt(0)
  }
  return latin1(bytes.subarray(0, length))
}

const ACTIONS: Readonly<Record<number, Action>> = {
  128: (m) => {
    const protocol = m.reader.u8()
    if (protocol > 5) throw new FormatError(`${m.reader.what} has pickle protocol ${protocol}; 0 to 5 are known.`)
  },
  149: (m) => void m.reader.u64(), // FRAME: only a hint for buffering
  40: (m) => m.push(MARK),
  48: (m) => void m.pop(), // POP
  49: (m) => void m.popToMark(), // POP_MARK
  50: (m) => m.push(m.top()), // DUP
  78: one(() => null), // NONE
  136: one(() => true), // NEWTRUE
  137: one(() => false), // NEWFALSE
  73: (m) => m.push(integer(m.line())), // INT
  76: (m) => m.push(Number.parseInt(m.line(), 10)), // LONG
  70: (m) => m.push(Number.parseFloat(m.line())), // FLOAT
  75: (m) => m.push(m.reader.u8()), // BININT1
  77: (m) => m.push(m.reader.u16()), // BININT2
  74: (m) => m.push(m.reader.i32()), // BININT
  138: (m) => shortLong(m, m.reader.u8()), // LONG1
  139: (m) => shortLong(m, m.reader.i32()), // LONG4
  71: (m) => m.push(m.reader.f64(false)), // BINFLOAT
  83: (m) => m.push(literal(m.line())), // STRING
  86: (m) => m.push(m.line()), // UNICODE
  84: (m) => m.push(m.latin1(m.reader.u32())), // BINSTRING
  85: (m) => m.push(m.latin1(m.reader.u8())), // SHORT_BINSTRING
  88: (m) => m.push(m.text(m.reader.u32())), // BINUNICODE
  140: (m) => m.push(m.text(m.reader.u8())), // SHORT_BINUNICODE
  141: (m) => m.push(m.text(m.reader.u64())), // BINUNICODE8
  66: (m) => m.push(m.bytes(m.reader.u32())), // BINBYTES
  67: (m) => m.push(m.bytes(m.reader.u8())), // SHORT_BINBYTES
  142: (m) => m.push(m.bytes(m.reader.u64())), // BINBYTES8
  150: (m) => m.push(m.bytes(m.reader.u64())), // BYTEARRAY8
  93: one(() => []), // EMPTY_LIST
  125: one(() => new Map()), // EMPTY_DICT
  41: one(() => []), // EMPTY_TUPLE
  108: (m) => m.push(m.popToMark()), // LIST
  116: (m) => m.push(m.popToMark()), // TUPLE
  100: (m) => {
    const items = m.popToMark()
    m.push(new Map())
    m.setItems(items)
  }, // DICT
  133: (m) => m.push([m.pop()]), // TUPLE1
  134: (m) => m.push([m.pop(), m.pop()].reverse()), // TUPLE2
  135: (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()), // TUPLE3
  97: (m) => m.append([m.pop()]), // APPEND
  101: (m) => m.append(m.popToMark()), // APPENDS
  115: (m) => {
    const value = m.pop()
    m.setItems([m.pop(), value])
  }, // SETITEM
  117: (m) => m.setItems(m.popToMark()), // SETITEMS
  112: (m) => m.memoize(Number.parseInt(m.line(), 10)), // PUT
  113: (m) => m.memoize(m.reader.u8()), // BINPUT
  114: (m) => m.memoize(m.reader.u32()), // LONG_BINPUT
  148: (m) => m.memoize(), // MEMOIZE
  103: (m) => m.recall(Number.parseInt(m.line(), 10)), // GET
  104: (m) => m.recall(m.reader.u8()), // BINGET
  106: (m) => m.recall(m.reader.u32()), // LONG_BINGET
  99: (m) => m.global(m.line(), m.line()), // GLOBAL
  147: (m) => {
    const name = m.pop()
    m.global(m.pop(), name)
  }, // STACK_GLOBAL
  82: (m) => m.call(), // REDUCE
  129: (m) => m.call(), // NEWOBJ
  98: (m) => m.build(), // BUILD
  80: (m) => m.persistent(m.line()), // PERSID
  81: (m) => m.persistent(m.pop()), // BINPERSID
}
