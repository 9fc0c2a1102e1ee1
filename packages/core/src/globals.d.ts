// What browsers, workers and Node all have, and TypeScript's ES library lacks. Nothing else of a platform is typed here,
// so that core cannot use it by accident.
declare const performance: { now(): number }
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  decode(bytes: Uint8Array): string
}
