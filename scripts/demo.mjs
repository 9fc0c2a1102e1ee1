// The main job on a fresh machine: set up, bring the models, align the faces of a photograph, write every output to ./out.
//   npm run demo [-- PICTURE]
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root, run, setup, useLocalModels } from './setup.mjs'

const given = process.argv[2]
const picture = given
  ? resolve(process.env.INIT_CWD ?? process.cwd(), given)
  : join(process.env.TDFA_SHARED ?? join(root, '..', 'shared'), 'images', 'trump_hillary.jpg')
if (!existsSync(picture)) {
  console.error(`There is no picture at ${picture}. Give one with a face: npm run demo -- path/to/photo.jpg`)
  process.exit(2)
}
useLocalModels()
setup()
const cli = join(root, 'packages', 'cli', 'dist', 'main.js')
run(process.execPath, [cli, 'models', 'pull', 'mb05', 'bfm', 'faceboxes'])
run(process.execPath, [
  cli,
  'align',
  picture,
  '--out',
  join(root, 'out'),
  '-o',
  '2d_sparse,2d_dense,3d,depth,pncc,uv_tex,pose,ply,obj,glb,json',
])
console.log('Look at the pictures in ./out')
