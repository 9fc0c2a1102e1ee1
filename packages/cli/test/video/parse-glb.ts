interface GlbJson {
  readonly meshes: readonly { readonly primitives: readonly { readonly material: number }[] }[]
  readonly materials: readonly { readonly name: string }[]
  readonly animations: readonly {
    readonly channels: readonly { readonly sampler: number; readonly target: { readonly path: string } }[]
    readonly samplers: readonly { readonly input: number; readonly output: number }[]
  }[]
  readonly accessors: readonly { readonly bufferView: number; readonly byteOffset?: number }[]
  readonly bufferViews: readonly { readonly byteOffset?: number; readonly byteStride?: number }[]
}

/** The JSON of a .glb, and the numbers of an accessor from its start to the file's end. */
export function parseGlb(bytes: Buffer): { json: GlbJson; floats(accessor: number): Float32Array } {
  const length = bytes.readUInt32LE(12)
  const json: GlbJson = JSON.parse(bytes.toString('utf8', 20, 20 + length))
  const floats = (index: number): Float32Array => {
    const { bufferView, byteOffset = 0 } = json.accessors[index]!
    const start = 20 + length + 8 + (json.bufferViews[bufferView]!.byteOffset ?? 0) + byteOffset
    return new Float32Array(Uint8Array.from(bytes.subarray(start)).buffer)
  }
  return { json, floats }
}
