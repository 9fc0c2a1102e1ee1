import { liningVertices, type MouthLining } from '@3ddfa/core'
import {
  AmbientLight,
  BackSide,
  BufferAttribute,
  BufferGeometry,
  Color,
  DataTexture,
  DirectionalLight,
  LinearFilter,
  LinearMipmapLinearFilter,
  Mesh,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  SRGBColorSpace,
  TOUCH,
  WebGLRenderer,
} from 'three'
import { OrbitControls } from 'three/addons/controls/OrbitControls.js'
import type { Solid, Texels, Topology } from '../engine/types.ts'

const STEP = Math.PI / 24
/** How far one can look around a face, radians to either side: there is no head behind it. */
const REACH = (100 / 180) * Math.PI
/** Milliseconds from one frame to the next that are no longer smooth. */
const SLOW = 40
/** What is left to everything else after a slow frame, in such frames. */
const REST = 6

/** A face that can be turned, with the photograph as its skin. Draws only when something changed. */
export class MeshView {
  readonly #renderer = new WebGLRenderer({ antialias: true, alpha: true })
  readonly #scene = new Scene()
  readonly #camera = new PerspectiveCamera(35, 1, 0.1, 20)
  readonly #controls: OrbitControls
  readonly #geometry = new BufferGeometry()
  readonly #material = new MeshStandardMaterial({ color: 0xb8c4c9, roughness: 0.8 })
  readonly #mesh = new Mesh(this.#geometry, this.#material)
  /** The photograph is on the outside alone. */
  readonly #inside = new Mesh(
    this.#geometry,
    new MeshStandardMaterial({ color: 0x6b757b, roughness: 1, side: BackSide }),
  )
  /** Behind the lips. */
  readonly #mouth = new Mesh(new BufferGeometry(), new MeshStandardMaterial({ vertexColors: true, roughness: 1 }))
  #lining: MouthLining | undefined
  #faceModel: string | undefined
  #scheduled = false
  #freeAt = 0
  #visible = true

  /** @throws {Error} when the browser has no WebGL. */
  constructor(parent: HTMLElement) {
    const light = new DirectionalLight(0xffffff, 1.6)
    light.position.set(0.5, 1, 3)
    for (const part of [this.#mesh, this.#inside, this.#mouth]) part.frustumCulled = false
    this.#mesh.add(this.#inside, this.#mouth)
    this.#mesh.visible = false
    this.#scene.add(this.#mesh, new AmbientLight(0xffffff, 1.6), light)
    this.#camera.position.set(0, 0, 4)
    parent.replaceChildren(this.#renderer.domElement)
    this.#controls = new OrbitControls(this.#camera, this.#renderer.domElement)
    this.#controls.enablePan = false
    // The page scrolls past it: by the wheel unless it was chosen, by a finger that moves up or down.
    this.#controls.enableZoom = false
    parent.addEventListener('focusin', () => {
      this.#controls.enableZoom = true
    })
    parent.addEventListener('focusout', () => {
      this.#controls.enableZoom = false
    })
    this.#controls.touches = { ONE: TOUCH.ROTATE, TWO: TOUCH.DOLLY_ROTATE }
    this.#renderer.domElement.style.touchAction = 'pan-y'
    this.#controls.minDistance = 1.5
    this.#controls.maxDistance = 10
    this.#controls.minAzimuthAngle = -REACH
    this.#controls.maxAzimuthAngle = REACH
    this.#controls.addEventListener('change', () => this.#draw())
    // After the renderer's own listener, which brings its state back and draws nothing.
    this.#renderer.domElement.addEventListener('webglcontextrestored', () => this.#draw())
    parent.addEventListener('keydown', (event) => this.#turn(event))
    new ResizeObserver(() => this.#resize(parent)).observe(parent)
    new IntersectionObserver(([entry]) => {
      this.#visible = entry!.isIntersecting
    }).observe(parent)
    this.#resize(parent)
  }

  /**
   * Whether another shape would be of use now: not where nobody sees it, nor while the browser draws so slowly (without a GPU,
   * say) that it would hold up everything else.
   */
  get wanted(): boolean {
    return this.#visible && performance.now() >= this.#freeAt
  }

  /** Id of the face model whose triangles it has; none before the first shape. */
  get faceModel(): string | undefined {
    return this.#faceModel
  }

  /** Shows another shape, and another texture when there is one. Keeps neither array nor object. */
  show({ faceModel, positions, topology, texture, mouth }: Solid): void {
    if (topology) this.#take(topology)
    this.#faceModel = faceModel
    shape(this.#geometry, positions)
    if (this.#lining) shape(this.#mouth.geometry, liningVertices(this.#lining, positions))
    if (texture) this.#paint(texture)
    if (mouth) put(this.#mouth.geometry, 'color', linear(mouth))
    this.#mesh.visible = true
    this.#draw()
  }

  /** Looks at the face as the camera did. */
  resetView(): void {
    this.#controls.reset()
  }

  /** Shows nothing until the next shape. */
  clear(): void {
    this.#mesh.visible = false
    this.#draw()
  }

  /** Another face model has another mesh, which is seen from the front first. */
  #take({ triangles, uv, lining }: Topology): void {
    for (const geometry of [this.#geometry, this.#mouth.geometry]) {
      geometry.dispose()
      for (const name of ['position', 'normal', 'color']) geometry.deleteAttribute(name)
    }
    this.#lining = lining
    this.#mouth.visible = lining !== undefined
    if (lining) this.#mouth.geometry.setIndex(new BufferAttribute(upright(lining.triangles), 1))
    this.#geometry.setIndex(new BufferAttribute(upright(triangles), 1))
    this.#geometry.setAttribute('uv', new BufferAttribute(uv, 2))
    this.resetView()
  }

  #paint({ data, width, height }: Texels): void {
    const old = this.#material.map as DataTexture | null
    if (old?.image.width === width && old.image.height === height) {
      old.image.data = data
      old.needsUpdate = true
      return
    }
    old?.dispose()
    const map = new DataTexture(data, width, height)
    map.colorSpace = SRGBColorSpace
    map.magFilter = LinearFilter
    map.minFilter = LinearMipmapLinearFilter
    map.generateMipmaps = true
    map.needsUpdate = true
    this.#material.map = map
    this.#material.color.set(0xffffff)
    this.#material.needsUpdate = true
  }

  #turn(event: KeyboardEvent): void {
    if (event.key === 'Home') {
      event.preventDefault()
      this.resetView()
      return
    }
    const turns: Record<string, readonly [number, number, number]> = {
      ArrowLeft: [-STEP, 0, 1],
      ArrowRight: [STEP, 0, 1],
      ArrowUp: [0, -STEP, 1],
      ArrowDown: [0, STEP, 1],
      '+': [0, 0, 0.9],
      '-': [0, 0, 1.1],
    }
    const turn = turns[event.key]
    if (!turn) return
    event.preventDefault()
    const [around, up, zoom] = turn
    const { x, y, z } = this.#camera.position
    const radius = Math.min(10, Math.max(1.5, Math.hypot(x, y, z) * zoom))
    const azimuth = Math.atan2(x, z) + around
    const polar = Math.min(Math.PI - 0.1, Math.max(0.1, Math.acos(y / Math.hypot(x, y, z)) + up))
    this.#camera.position.set(
      radius * Math.sin(polar) * Math.sin(azimuth),
      radius * Math.cos(polar),
      radius * Math.sin(polar) * Math.cos(azimuth),
    )
    this.#controls.update()
    this.#draw()
  }

  #resize(parent: HTMLElement): void {
    const { clientWidth: width, clientHeight: height } = parent
    if (width === 0 || height === 0) return
    this.#renderer.setPixelRatio(Math.min(2, devicePixelRatio))
    this.#renderer.setSize(width, height)
    this.#camera.aspect = width / height
    this.#camera.updateProjectionMatrix()
    this.#draw()
  }

  #draw(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    requestAnimationFrame(() => {
      this.#scheduled = false
      const started = performance.now()
      this.#renderer.render(this.#scene, this.#camera)
      // The next frame comes when this one is on the screen.
      requestAnimationFrame(() => {
        const cost = performance.now() - started
        this.#freeAt = cost > SLOW ? performance.now() + REST * cost : 0
      })
    })
  }
}

/** Moves a geometry's vertices, [3n]. */
function shape(geometry: BufferGeometry, positions: Float32Array): void {
  put(geometry, 'position', positions)
  geometry.computeVertexNormals()
}

/** Gives a geometry's vertices new values, [3n], in the memory of those before: a face that moves leaves none behind. */
function put(geometry: BufferGeometry, name: string, values: Float32Array): void {
  const old = geometry.getAttribute(name) as BufferAttribute | undefined
  if (old) {
    old.set(values)
    old.needsUpdate = true
  } else geometry.setAttribute(name, new BufferAttribute(values.slice(), 3))
}

/** Colours of vertices are linear light, those of photographs sRGB. */
function linear(colors: Float32Array): Float32Array {
  const out = new Float32Array(colors.length)
  const color = new Color()
  for (let i = 0; i < colors.length; i += 3)
    color.setRGB(colors[i]!, colors[i + 1]!, colors[i + 2]!, SRGBColorSpace).toArray(out, i)
  return out
}

/** Turning y over mirrors the mesh; the reversed order turns its outside out again. */
function upright(triangles: Uint32Array): Uint32Array {
  const out = triangles.slice()
  for (let i = 0; i < out.length; i += 3) {
    out[i] = triangles[i + 2]!
    out[i + 2] = triangles[i]!
  }
  return out
}
