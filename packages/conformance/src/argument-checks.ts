import { type Backend, createImage, DisposedError, InvalidInputError, LIGHT_DEFAULTS } from '@3ddfa/core'
import { type Check, emptyTarget } from './check.ts'
import { firstOf } from './compare.ts'
import { faceLikeModel, faceLikeParams } from './face-like.ts'

const mesh = { vertices: new Float32Array(9), triangles: Uint32Array.of(0, 1, 2) }
const beyond = { vertices: mesh.vertices, triangles: Uint32Array.of(0, 1, 3) }
const farBeyond = { vertices: mesh.vertices, triangles: Uint32Array.of(0, 1, 2, 0, 1, 2 ** 32 - 1) }
const torn = { vertices: new Float32Array(10), triangles: mesh.triangles }
const ragged = { vertices: mesh.vertices, triangles: Uint32Array.of(0, 1) }
const colors = new Float32Array(9)
const target = emptyTarget(4, 4)
const image = createImage(4, 4)
const model = faceLikeModel(3, 3)
const params = faceLikeParams(model, 0, 0)
const frame = { roi: { x1: 0, y1: 0, x2: 9, y2: 9 }, inputSize: 120 }
const floats = { ...image, data: new Float32Array(48) as never }
const roi = { x1: 0, y1: 0, x2: 4, y2: 4 }
const short = new Float32Array(8)
/** As arrays are that were transferred to a worker. */
const sent = { vertices: new Float32Array(9), triangles: Uint32Array.of(0, 1, 2) }
structuredClone(sent, { transfer: [sent.vertices.buffer, sent.triangles.buffer] })

/** Calls that no backend may accept, nor crash on. */
const REFUSED: Record<string, (backend: Backend) => unknown> = {
  'an index beyond the vertices, rasterize': (b) => b.rasterize(beyond, target),
  'an index beyond the vertices, shade': (b) => b.shade(farBeyond, colors, target, image),
  'an index beyond the vertices, vertexNormals': (b) => b.vertexNormals(farBeyond),
  'vertices that were transferred, rasterize': (b) => b.rasterize({ ...mesh, vertices: sent.vertices }, target),
  'vertices that were transferred, vertexNormals': (b) => b.vertexNormals({ ...mesh, vertices: sent.vertices }),
  'triangles that were transferred, rasterize': (b) => b.rasterize({ ...mesh, triangles: sent.triangles }, target),
  'triangles that were transferred, drawLit': (b) => {
    const topology = { triangles: sent.triangles, vertexCount: 3 }
    if (b.drawLit) b.drawLit(topology, [mesh.vertices], target, image, LIGHT_DEFAULTS)
    else b.vertexNormals({ ...mesh, triangles: sent.triangles })
  },
  'vertices that are no threes': (b) => b.rasterize(torn, target),
  'indices that are no threes': (b) => b.vertexNormals(ragged),
  'a short result, vertexNormals': (b) => b.vertexNormals(mesh, short),
  'a short result, light': (b) => b.light(mesh, colors, LIGHT_DEFAULTS, short),
  'short normals': (b) => b.light(mesh, short, LIGHT_DEFAULTS),
  'short depth': (b) => b.rasterize(mesh, { ...target, depth: short }),
  'short ids': (b) => b.rasterize(mesh, { ...target, triangleIds: new Int32Array(15) }),
  'a target of negative width': (b) => b.rasterize(mesh, { ...target, width: -4, height: -4 }),
  'a target between pixels': (b) => b.rasterize(mesh, { ...target, x: 0.5 }),
  'a target out of reach': (b) => b.rasterize(mesh, { ...target, x: 2 ** 32 }),
  'a negative first id': (b) => b.rasterize(mesh, target, -1),
  'ids beyond 31 bits': (b) => b.rasterize(mesh, target, 2 ** 31),
  'short colours': (b) => b.shade(mesh, short, target, image),
  'an opacity that is not a number': (b) => b.shade(mesh, colors, target, image, Number.NaN),
  'an opacity above 1': (b) => b.shade(mesh, colors, target, image, 1.5),
  'a picture without its last row, shade': (b) => b.shade(mesh, colors, target, { ...image, height: 5 }),
  'a picture without its last row, resample': (b) => b.resample({ ...image, height: 5 }, roi, image),
  'a result with alpha': (b) => b.resample(image, roi, createImage(4, 4, 4)),
  'an empty region': (b) => b.resample(image, { ...roi, x2: 0 }, createImage(4, 4)),
  'a region between pixels': (b) => b.resample(image, { ...roi, x2: 3.5 }, createImage(4, 4)),
  'a region out of reach': (b) => b.resample(image, { ...roi, x2: 2 ** 40 }, createImage(4, 4)),
  'a region that is not a number': (b) => b.resample(image, { ...roi, x2: Number.NaN }, createImage(4, 4)),
  'too few coefficients': (b) => b.decode(model, { ...params, shape: short }, frame),
  'too few camera numbers': (b) => b.decode(model, { ...params, camera: short }, frame),
  'a short result, decode': (b) => b.decode(model, params, frame, short),
  'a model with a short basis': (b) => b.decode({ ...model, basis: short }, params, frame),
  'doubles for vertices, vertexNormals': (b) => b.vertexNormals({ ...mesh, vertices: new Float64Array(9) as never }),
  'doubles for vertices, light': (b) =>
    b.light({ ...mesh, vertices: new Float64Array(9) as never }, colors, LIGHT_DEFAULTS),
  'short indices, vertexNormals': (b) => b.vertexNormals({ ...mesh, triangles: Uint16Array.of(0, 1, 2) as never }),
  'short indices, rasterize': (b) => b.rasterize({ ...mesh, triangles: Uint16Array.of(0, 1, 2) as never }, target),
  'a list of vertices': (b) => b.rasterize({ ...mesh, vertices: [...mesh.vertices] as never }, target),
  'doubles for depth': (b) => b.rasterize(mesh, { ...target, depth: new Float64Array(16) as never }),
  'unsigned ids': (b) => b.shade(mesh, colors, { ...target, triangleIds: new Uint32Array(16) as never }, image),
  'a picture of floats, shade': (b) => b.shade(mesh, colors, target, floats),
  'a picture of floats, resample': (b) => b.resample(floats, roi, createImage(4, 4)),
  'a model of doubles': (b) => b.decode({ ...model, basis: Float64Array.from(model.basis) as never }, params, frame),
  'a light without a place': (b) => b.light(mesh, colors, { ...LIGHT_DEFAULTS, position: [1] as never }),
  'a light that is not a number': (b) => b.light(mesh, colors, { ...LIGHT_DEFAULTS, ambient: Number.NaN }),
  'no light': (b) => b.light(mesh, colors, undefined as never),
  'no target, rasterize': (b) => b.rasterize(mesh, undefined as never),
  'no region, resample': (b) => b.resample(image, undefined as never, createImage(4, 4)),
  'no region, decode': (b) => b.decode(model, params, { inputSize: 120 } as never),
  'no frame': (b) => b.decode(model, params, undefined as never),
  'no parameters': (b) => b.decode(model, undefined as never, frame),
  'an input size of zero': (b) => b.decode(model, params, { ...frame, inputSize: 0 }),
}

export function argumentChecks(): Check[] {
  return Object.entries(REFUSED).map(([name, call]) => ({
    name: `refuses ${name}`,
    run: (backend) => throws(() => call(backend), InvalidInputError),
  }))
}

/** `dispose` twice, then every method. Takes a backend of its own. */
export function disposeCheck(create: () => Backend): Check {
  const run = (): string | undefined => {
    const backend = create()
    backend.decode(model, params, frame)
    backend.dispose()
    backend.dispose()
    const calls: (() => unknown)[] = [
      () => backend.resample(image, roi, createImage(4, 4)),
      () => backend.decode(model, params, frame),
      () => backend.vertexNormals(mesh),
      () => backend.light(mesh, colors, LIGHT_DEFAULTS),
      () => backend.rasterize(mesh, target),
      () => backend.shade(mesh, colors, target, image),
    ]
    if (backend.drawLit) calls.push(() => backend.drawLit!(model, [], target, image, LIGHT_DEFAULTS))
    return firstOf(calls.map((call) => throws(call, DisposedError)))
  }
  return { name: 'is of no use after dispose', run }
}

/** Undefined when the call throws an error of this kind that is a sentence. */
export function throws(call: () => unknown, kind: new (message: string) => Error): string | undefined {
  try {
    call()
  } catch (error) {
    if (error instanceof kind && error.message.endsWith('.')) return undefined
    return `threw ${error} instead of ${kind.name}`
  }
  return `did not throw ${kind.name}`
}
