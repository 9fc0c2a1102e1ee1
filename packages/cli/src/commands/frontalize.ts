import {
  createUvChart,
  type Face,
  frontalVertices,
  type ImageView,
  rasterizeFaces,
  renderFrontalView,
  uvTexture,
} from '@3ddfa/core'
import { EXIT, messageOf } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { readPicture } from '../images.ts'
import { planPictures, type Task } from '../plan.ts'
import { encodePng } from '../png.ts'
import type { FrontalizeFlags } from './frontalize-command.ts'
import { type Engine, withEngine } from './with-engine.ts'

/** What follows a picture's base in the names of its views; # is the face's number. */
const SUFFIX = '_frontalized_#.png'

/** Shows the faces of all pictures front-on. @returns the exit code. */
export async function frontalize(args: readonly string[], flags: FrontalizeFlags): Promise<number> {
  const { tasks, problems } = await planPictures(args, { ...flags, suffixes: [SUFFIX] })
  return withEngine(flags, async (engine) => {
    for (const { message } of problems) engine.console.error(message)
    let failed = problems.length
    for (const task of tasks)
      try {
        await frontalizeOne(task, engine, flags)
      } catch (error) {
        failed++
        engine.console.error(messageOf(error))
      }
    return failed > 0 ? EXIT.someFailed : EXIT.ok
  })
}

async function frontalizeOne({ input, base }: Task, engine: Engine, flags: FrontalizeFlags): Promise<void> {
  const { image, note } = await readPicture(input, flags)
  if (note !== undefined) engine.console.warn(note)
  const faces = await engine.aligner.align(image, { dense: true, anyRoll: flags.anyRoll })
  const views = frontViews(image, faces, engine, flags)
  const paths = views.map((_, i) => base + SUFFIX.replace('#', `${i + 1}`))
  for (const [i, view] of views.entries()) writeWhole(paths[i]!, await encodePng(view))
  engine.console.info(`${input}: ${paths.length > 0 ? paths.join(', ') : 'no face'}`)
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
