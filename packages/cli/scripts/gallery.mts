// Draws the pictures of docs/gallery.md: what the command makes of our own drawn picture with the open pack.
//   pnpm --filter @3ddfa/cli build && pnpm exec tsx packages/cli/scripts/gallery.mts
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp, { type Region } from 'sharp'
import { run } from '../test/command.ts'
import { drawObj } from './gallery/draw-obj.mts'

const sample = fileURLToPath(new URL('../../web-demo/public/sample.png', import.meta.url))
const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), '3ddfa-gallery-'))
const at = (name: string): string => join(folder, name)

/** Of the sample: the two faces. */
const LEFT: Region = { left: 110, top: 60, width: 360, height: 400 }
const RIGHT: Region = { left: 500, top: 60, width: 360, height: 400 }
const TILE = { width: 240, height: 267 }
const SQUARE = { width: 240, height: 240 }
const GROUND = '#24292f'
const GAP = 6

async function command(...args: string[]): Promise<void> {
  const { code, stderr } = await run([...args, '--model', 'open'], { cwd: folder })
  if (code !== 0) throw new Error(`3ddfa ${args.join(' ')}: ${stderr}`)
}

type Tile = string | { readonly file: string | Buffer; readonly from?: Region }

/** Pictures in rows of `columns`, each fitted into `tile`. */
async function sheet(name: string, columns: number, tiles: readonly Tile[], tile = TILE): Promise<void> {
  const parts = await Promise.all(
    tiles.map(async (each, i) => {
      const { file, from } = typeof each === 'string' ? { file: at(each) } : each
      const picture = from ? sharp(file).extract(from) : sharp(file)
      const input = await picture
        .resize({ ...tile, fit: 'contain', background: GROUND })
        .flatten({ background: GROUND })
        .png()
        .toBuffer()
      const [row, column] = [Math.floor(i / columns), i % columns]
      return { input, left: GAP + column * (tile.width + GAP), top: GAP + row * (tile.height + GAP) }
    }),
  )
  const rows = Math.ceil(tiles.length / columns)
  const size = { width: GAP + columns * (tile.width + GAP), height: GAP + rows * (tile.height + GAP) }
  const path = `${images}${name}.jpg`
  await sharp({ create: { ...size, channels: 3, background: GROUND } })
    .composite(parts)
    .jpeg({ quality: 84, mozjpeg: true })
    .toFile(path)
  const bytes = readFileSync(path).length
  if (bytes > 150_000) throw new Error(`${path} has ${bytes} bytes.`)
  console.log(`${name}.jpg ${size.width} x ${size.height}, ${Math.round(bytes / 1000)} kB`)
}

const both = (file: string): Tile[] => [LEFT, RIGHT].map((from) => ({ file: at(file), from }))

async function styles(): Promise<void> {
  const outputs = ['2d_sparse', '2d_dense', 'pose', '3d']
  for (const style of ['3ddfa', 'dense-head'])
    await command('align', sample, '-o', outputs.join(','), '--style', style, '--out', style)
  const row = (style: string, from: Region): Tile[] =>
    outputs.map((output) => ({ file: at(`${style}/sample_${output}.png`), from }))
  await sheet('styles', 4, [...row('3ddfa', LEFT), ...row('dense-head', LEFT)])
}

async function poses(): Promise<void> {
  for (const as of ['box', 'axes', 'both']) await command('align', sample, '-o', 'pose', '--pose-as', as, '--out', as)
  const tiles = ['box', 'axes', 'both'].map((as) => `${as}/sample_pose.png`)
  await sheet('pose', 3, tiles, { width: 360, height: 240 })
}

async function visibility(): Promise<void> {
  await command(
    'align',
    sample,
    '-o',
    'visibility,frontal,posmap,depth',
    '--background',
    'black',
    '--posmap-size',
    '240',
    '--hidden',
    'mirror',
    '--out',
    'mesh',
  )
  await sheet('visibility', 2, both('mesh/sample_visibility.png'))
  const maps = [0, 240].map((left) => ({ file: at('mesh/sample_posmap.png'), from: { left, top: 0, ...SQUARE } }))
  await sheet('position-map', 2, maps, SQUARE)
  const drawn = drawObj(readFileSync(at('mesh/sample_frontal.obj'), 'utf8'))
  const { data, ...raw } = drawn
  await sheet('frontal', 1, [{ file: await sharp(data, { raw }).png().toBuffer() }], { width: 480, height: 267 })
}

async function textures(): Promise<void> {
  const ways = ['keep', 'cut', 'fill', 'mirror']
  for (const way of ways)
    await command('align', sample, '-o', 'uv_tex', '--hidden', way, '--texture-size', '240', '--out', way)
  await sheet(
    'texture',
    4,
    ways.map((way) => ({ file: at(`${way}/sample_uv_tex.png`), from: { left: 240, top: 0, ...SQUARE } })),
    SQUARE,
  )
}

async function frontalized(): Promise<void> {
  await command('frontalize', sample, '--size', '320', '--out', 'front')
  const tiles = [1, 2].flatMap((n): Tile[] => [
    { file: sample, from: n === 1 ? LEFT : RIGHT },
    `front/sample_frontalized_${n}.png`,
  ])
  await sheet('frontalize', 4, tiles)
}

async function edits(): Promise<void> {
  await command('edit', sample, '--swap', sample, '--reference-face', '2', '--out', 'swap.png')
  await command('edit', sample, '--swap', sample, '--reference-face', '2', '--match-colors', '--out', 'matched.png')
  await command(
    'edit',
    sample,
    '--swap',
    sample,
    '--reference-face',
    '2',
    '--region',
    'eyes,mouth',
    '--out',
    'parts.png',
  )
  const tiles = [sample, at('swap.png'), at('matched.png'), at('parts.png')]
  await sheet(
    'edit',
    4,
    tiles.map((file) => ({ file, from: LEFT })),
  )
}

async function expressions(): Promise<void> {
  const given = {
    jaw: 'jawOpen=0.8',
    smile: 'mouthSmileLeft=1,mouthSmileRight=1',
    blink: 'eyeBlinkLeft=1,eyeBlinkRight=1,browInnerUp=1',
  }
  for (const [name, list] of Object.entries(given))
    await command('edit', sample, '--expression', list, '--out', `${name}.png`)
  await sheet(
    'expression',
    4,
    [sample, ...Object.keys(given).map((name) => at(`${name}.png`))].map((file) => ({ file, from: LEFT })),
  )
  // The smile goes over to the other face. Of a drawn one the network sees less than half.
  await command('edit', sample, '--face', '2', '--expression-from', 'smile.png', '--amount', '2', '--out', 'given.png')
  await sheet('expression-transfer', 3, [
    { file: at('smile.png'), from: LEFT },
    { file: sample, from: RIGHT },
    { file: at('given.png'), from: RIGHT },
  ])
}

try {
  for (const draw of [styles, poses, visibility, textures, frontalized, edits, expressions]) await draw()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
