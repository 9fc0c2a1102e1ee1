import { type Backend, type MeshView, ReferenceBackend, type RenderTarget } from '@3ddfa/core'
import { describe, expect, it } from 'vitest'
import { allChecks } from './index.ts'

/** Backends with one fault each: the checks must see every one of them, or they are worth nothing. */
class Faulty extends ReferenceBackend {
  override readonly id: string = 'faulty'
}

class FirstDrawnWinsTies extends Faulty {
  override rasterize(mesh: MeshView, target: RenderTarget, firstId = 0): void {
    const [ids, depth] = [target.triangleIds.slice(), target.depth.slice()]
    super.rasterize(mesh, target, firstId)
    for (let i = 0; i < ids.length; i++)
      if (ids[i]! >= 0 && depth[i] === target.depth[i]) target.triangleIds[i] = ids[i]!
  }
}

class OneDepthBit extends Faulty {
  override rasterize(mesh: MeshView, target: RenderTarget, firstId?: number): void {
    super.rasterize(mesh, target, firstId)
    const bits = new Uint32Array(target.depth.buffer)
    const drawn = target.triangleIds.findIndex((id) => id >= 0)
    if (drawn >= 0) bits[drawn]! ^= 1
  }
}

class Pinhole extends Faulty {
  override rasterize(mesh: MeshView, target: RenderTarget, firstId?: number): void {
    super.rasterize(mesh, target, firstId)
    target.triangleIds[Math.floor((target.width * target.height) / 2 + target.width / 2)] = -1
  }
}

class OneLevelOff extends Faulty {
  override shade(...all: Parameters<Backend['shade']>): void {
    super.shade(...all)
    const [, , , image] = all
    image.data[image.data.length >> 1] = (image.data[image.data.length >> 1]! + 1) & 255
  }
}

/** Draws the faces one after the other, as if none covered another. */
class LaterFaceWins extends Faulty {
  drawLit(...[topology, faces, window, image, light, opacity]: Parameters<NonNullable<Backend['drawLit']>>): void {
    for (const vertices of faces) {
      const mesh = { vertices, triangles: topology.triangles }
      const size = window.width * window.height
      const target = {
        ...window,
        depth: new Float32Array(size).fill(-Infinity),
        triangleIds: new Int32Array(size).fill(-1),
      }
      this.rasterize(mesh, target)
      this.shade(mesh, this.light(mesh, this.vertexNormals(mesh), light), target, image, opacity)
    }
  }
}

class LastBitOfNormals extends Faulty {
  override vertexNormals(...all: Parameters<Backend['vertexNormals']>): Float32Array {
    return super.vertexNormals(...all).map((n) => (n > 0 ? n + 2 ** -24 : n))
  }
}

class DecodeOff extends Faulty {
  override decode(...all: Parameters<Backend['decode']>): Float32Array {
    const vertices = super.decode(...all)
    vertices[0]! += 0.03
    return vertices
  }
}

class Unchecked extends Faulty {
  override rasterize(mesh: MeshView, target: RenderTarget, firstId = 0): void {
    super.rasterize(mesh, target, Math.max(0, firstId))
  }
}

describe('the checks', () => {
  const reference = new ReferenceBackend()
  const complaints = (backend: Backend) =>
    allChecks().flatMap(({ name, run }) => {
      const complaint = run(backend, reference)
      return complaint ? [`${name}: ${complaint}`] : []
    })

  it.each([
    [new FirstDrawnWinsTies(), /equal depth.*triangle ids/],
    [new OneDepthBit(), /depth: 1 of \d+ differ, first at \(\d+, \d+\)/],
    [new Pinhole(), /a closed mesh has no pinholes/],
    [new OneLevelOff(), /colours at opacity/],
    [new LaterFaceWins(), /lit in one go: window .* differ/],
    [new LastBitOfNormals(), /normals: \d+ of/],
    [new DecodeOff(), /decode of .*off by 0\.0/],
    [new Unchecked(), /refuses a negative first id: did not throw InvalidInputError/],
  ])('see %o', (backend, complaint) => {
    expect(complaints(backend).join('\n')).toMatch(complaint)
  })

  it('have nothing to say of the reference itself', () => {
    expect(complaints(new ReferenceBackend())).toEqual([])
  })
})
