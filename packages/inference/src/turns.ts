const last = new WeakMap<object, Promise<unknown>>()

const nothing = (): void => {}

/**
 * Does a job when all earlier ones for the same owner are done, whether or not they succeeded. Sessions of onnxruntime-web's WebGPU
 * build share a device and one suspendable stack: of two that are opened at once one is refused, of two runs at once one fails.
 */
export function takeTurn<T>(owner: object, job: () => Promise<T>): Promise<T> {
  const turn = (last.get(owner) ?? Promise.resolve()).then(job)
  last.set(
    owner,
    // What the turn gave is its owner's alone.
    turn.then(nothing, nothing),
  )
  return turn
}
