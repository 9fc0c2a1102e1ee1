import { join, resolve } from 'node:path'
import {
  createUvChart,
  type Face,
  frontalVertices,
  type ImageView,
  rasterizeFaces,
  renderFrontalView,
  uvTexture,
} from '@3ddfa/core'
import { CliError, EXIT, messageOf } from '../errors.ts'
import { createFolder, writeWhole } from '../files.ts'
import { readPicture } from '../images.ts'
import { expandInputs } from '../inputs.ts'
import { outputNames } from '../names.ts'
import { encodePng } from '../png.ts'
import type { FrontalizeFlags } from './frontalize-command.ts'
import { type Engine, withEngine } from './with-engine.ts'

/** Shows the faces of all pictures front-on. @returns the exit code. */
export async function frontalize(args: readonly string[], flags: FrontalizeFlags): Promise<number> {
  const { files, problems } = await expandInputs(args, flags)
  const names = outputNames(files)
  return withEngine(flags, async (engine) => {
    for (const { message } of problems) engine.console.error(message)
    createFolder(flags.out)
    const inputs = new Set(files.map((file) => resolve(file)))
    let failed = problems.length
    for (const [i, file] of files.entries())
      try {
        await frontalizeOne(file, join(flags.out, names[i]!), inputs, engine, flags)
      } catch (error) {
        failed++
        engine.console.error(messageOf(error))
      }
    return failed > 0 ? EXIT.someFailed : EXIT.ok
  })
}

async function frontalizeOne(
  file: string,
  base: string,
  inputs: ReadonlySet<string>,
  engine: Engine,
  flags: FrontalizeFlags,
): Promise<void> {
  const { image, note } = await readPicture(file, flags)
  if (note !== undefined) engine.console.warn(note)
  const faces = await engine.aligner.align(image, { dense: true })
  const views = frontViews(image, faces, engine, flags)
  const paths = views.map((_, i) => `${base}_frontalized_${i + 1}.png`)
  const victim = paths.find((path) => inputs.has(resolve(path)))
  if (victim !== undefined)
    throw new CliError(`The outputs of ${file} would overwrite the input ${victim}; give another --out.`)
  for (const [i, view] of views.entries()) writeWhole(paths[i]!, await encodePng(view))
  engine.console.info(`${file}: ${paths.length > 0 ? paths.join(', ') : 'no face'}`)
}

function frontViews(
  image: ImageView,
  faces: readonly Face[],
  { aligner, surface }: Engine,
  { size, textureSize, hidden, proportions }: FrontalizeFlags,
): ImageView[] {
  const { backend } = aligner
  const { mesh, canonical } = surface
  const meshes = faces.map((face) => ({ vertices: surface.verticesOf(face) }))
  const chart = createUvChart(mesh, textureSize, backend)
  const target = rasterizeFaces(image, meshes, mesh, backend)
  return meshes.map(({ vertices }) => {
    const texture = uvTexture(image, vertices, mesh, backend, { chart, hidden, target })
    const turned = frontalVertices(vertices, canonical, { fit: proportions === 'own' ? 'similarity' : 'affine' })
    return renderFrontalView(turned, mesh, texture, backend, { size, photograph: { image, vertices } })
  })
}
