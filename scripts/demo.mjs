// The main job on a fresh machine: set up, align the faces of a picture, write every output to ./out.
//   npm run demo [-- PICTURE]
// Published models are used where they are here, or in a folder beside the checkout; else the open pack, which needs no network.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root, run, setup, useLocalModels } from './setup.mjs'

const given = process.argv[2]
const photograph = join(process.env.TDFA_SHARED ?? join(root, '..', 'shared'), 'images', 'trump_hillary.jpg')
const drawn = join(root, 'packages', 'web-demo', 'public', 'sample.png')
const picture = given
  ? resolve(process.env.INIT_CWD ?? process.cwd(), given)
  : existsSync(photograph)
    ? photograph
    : drawn
if (!existsSync(picture)) {
  console.error(`There is no picture at ${picture}. Give one with a face: npm run demo -- path/to/photo.jpg`)
  process.exit(2)
}
useLocalModels()
setup()
if (picture === drawn) console.log('No picture was given, so a drawn one is taken. Yours: npm run demo -- photo.jpg')
run(process.execPath, [
  join(root, 'packages', 'cli', 'dist', 'main.js'),
  'align',
  picture,
  '--out',
  join(root, 'out'),
  '-o',
  '2d_sparse,2d_dense,3d,depth,pncc,uv_tex,pose,ply,obj,glb,json',
  // Without this, skin that the camera does not see has the colours of what it saw there, as in 3DDFA_V2: the background.
  '--hidden',
  'mirror',
])
console.log('Look at the pictures in ./out')
