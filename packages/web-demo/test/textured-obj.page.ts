import * as three from 'three'
import { MTLLoader } from 'three/examples/jsm/loaders/MTLLoader.js'
import { OBJLoader } from 'three/examples/jsm/loaders/OBJLoader.js'

/** Draws `folder/name.obj` with its material, unlit, as it lies over a picture of this size. @returns RGBA, rows from the top, as base64. */
async function draw(folder: string, name: string, width: number, height: number): Promise<string> {
  const materials = await new MTLLoader().setPath(folder).loadAsync(`${name}.mtl`)
  const textures = new Promise((resolve) => {
    three.DefaultLoadingManager.onLoad = () => resolve(undefined)
  })
  materials.preload()
  const object = await new OBJLoader().setMaterials(materials).setPath(folder).loadAsync(`${name}.obj`)
  await textures
  object.traverse((node) => {
    if (!(node instanceof three.Mesh)) return
    const { map } = node.material as three.MeshPhongMaterial
    node.material = new three.MeshBasicMaterial({ map })
  })
  const scene = new three.Scene().add(object)
  // Pixel (i, j) has its centre at (i, j), and y points up in the file, from the picture's height.
  const camera = new three.OrthographicCamera(-0.5, width - 0.5, height + 0.5, 0.5, 0, 1e4)
  camera.position.z = 5000
  const renderer = new three.WebGLRenderer({ alpha: true, antialias: false, preserveDrawingBuffer: true })
  renderer.setClearColor(0, 0)
  renderer.setSize(width, height, false)
  renderer.render(scene, camera)
  const pixels = new Uint8Array(4 * width * height)
  const gl = renderer.getContext()
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels)
  const rows = Array.from({ length: height }, (_, y) =>
    pixels.subarray(4 * width * (height - 1 - y)).subarray(0, 4 * width),
  )
  const reader = new FileReader()
  const url = new Promise<string>((resolve) => {
    reader.onload = () => resolve(String(reader.result))
  })
  reader.readAsDataURL(new Blob(rows))
  return (await url).split(',')[1]!
}

Object.assign(globalThis, { draw })
