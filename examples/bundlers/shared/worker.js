import { align } from './align.js'

globalThis.onmessage = async ({ data: { picture, models, wasm } }) => {
  try {
    globalThis.postMessage({ faces: await align(picture, models, wasm) })
  } catch (error) {
    globalThis.postMessage({ error: String(error) })
  }
}
