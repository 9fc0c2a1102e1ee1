import { align } from './align.js'

globalThis.onmessage = async ({ data: { picture, files } }) => {
  try {
    globalThis.postMessage({ faces: await align(picture, files) })
  } catch (error) {
    globalThis.postMessage({ error: String(error) })
  }
}
