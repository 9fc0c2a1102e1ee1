import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawingList, seconds } from '../commands/video-command.ts'
import { planVideo, type VideoPlanOptions } from './plan-video.ts'

const folder = mkdtempSync(join(tmpdir(), '3ddfa-plan-'))
const before = process.cwd()
beforeAll(() => {
  process.chdir(folder)
  for (const name of ['folder', 'folder.glb', 'folder.mp4']) mkdirSync(name)
  for (const name of ['clip.mp4', '-i', 'concat:a.mp4', 'old.mp4', `${'\u3042'.repeat(83)}.mp4`])
    writeFileSync(name, '')
  symlinkSync('clip.mp4', 'link.mp4')
})
afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

describe('what is read', () => {
  it.each(['clip.mp4', '-i', 'concat:a.mp4'])('%s is a file, whatever it looks like', (name) => {
    const { input } = planVideo(name, {})
    expect(input.kind).toBe('file')
    expect(input.args.slice(-2)).toEqual(['-i', `file:${name}`])
    expect(input.args).toEqual(expect.arrayContaining(['-protocol_whitelist', 'file,pipe', '-format_whitelist']))
  })

  it('- is stdin; with a format what is no file is a device', () => {
    expect(planVideo('-', {}).input).toMatchObject({ kind: 'pipe' })
    expect(planVideo(':0.0', { inputFormat: 'x11grab' }).input).toMatchObject({ kind: 'device', name: ':0.0' })
    expect(planVideo('clip.mp4', { inputFormat: 'mjpeg' }).input.args.slice(-4)).toEqual([
      '-f',
      'mjpeg',
      '-i',
      'file:clip.mp4',
    ])
  })
})

describe('what is made', () => {
  it.each<[VideoPlanOptions, object]>([
    [{}, { out: join('out', 'clip_sparse.mp4'), drawings: ['sparse'] }],
    [{ outputs: ['mesh', 'pose'] }, { out: join('out', 'clip_mesh_pose.mp4') }],
    [{ json: '-' }, { out: undefined, json: '-' }],
    [{ glb: 'a.glb' }, { out: undefined, glb: 'a.glb' }],
    [
      { json: 'a.jsonl', outputs: ['none'] },
      { out: undefined, drawings: [] },
    ],
    [{ json: 'a.jsonl', outputs: ['mesh'] }, { out: join('out', 'clip_mesh.mp4') }],
    [
      { display: true, outputs: ['mesh'] },
      { out: undefined, display: true },
    ],
    [{ out: 'new/a.webm' }, { out: 'new/a.webm' }],
  ])('%j', (options, plan) => {
    expect(planVideo('clip.mp4', options)).toMatchObject(plan)
  })

  it('creates the folder of a file', () => {
    planVideo('clip.mp4', { out: 'deep/er/a.mp4' })
    expect(existsSync('deep/er')).toBe(true)
  })
})

it.each<[string, VideoPlanOptions, RegExp]>([
  ['gone.mp4', {}, /^There is no file gone\.mp4/],
  ['folder', {}, /is a folder, not a video/],
  ['clip.mp4', { out: 'clip.mp4', overwrite: true }, /clip\.mp4 is the input/],
  ['clip.mp4', { out: 'link.mp4', overwrite: true }, /link\.mp4 is the input/],
  ['clip.mp4', { out: 'old.mp4' }, /is there already; --overwrite/],
  ['clip.mp4', { json: 'folder', overwrite: true }, /^folder is a folder; expected the name of a file\./],
  ['clip.mp4', { glb: 'folder.glb', overwrite: true }, /^folder\.glb is a folder/],
  ['clip.mp4', { out: 'folder.mp4', overwrite: true }, /^folder\.mp4 is a folder/],
  ['clip.mp4', { json: '/dev/null', overwrite: true }, /^\/dev\/null is no file, and is not replaced by one\./],
  [`${'\u3042'.repeat(83)}.mp4`, {}, /_sparse\.mp4 cannot be written: the name is too long\./],
  ['clip.mp4', { out: 'a.mp3' }, /Expected \.mp4, .*but received a\.mp3/],
  ['clip.mp4', { glb: 'a.obj' }, /Expected \.glb/],
  ['clip.mp4', { out: 'x.mp4', json: './x.mp4' }, /Two outputs have the name/],
  ['clip.mp4', { outputs: ['none'] }, /nothing would be made/],
  ['clip.mp4', { outputs: ['none'], out: 'x.mp4' }, /draws nothing/],
  ['clip.mp4', { start: 5, end: 5 }, /Expected --end after --start/],
])('refuses %s %j', (name, options, sentence) => {
  expect(() => planVideo(name, options)).toThrow(sentence)
})

it.each([
  ['83.4', 83.4],
  ['1:23.5', 83.5],
  ['1:00:01', 3601],
  ['90', 90],
])('the time %s is %f s', (text, value) => {
  expect(seconds(text)).toBe(value)
})

it.each(['', '-1', '1:60', '1:2:3:4', 'x', '1e3', '61:00:00:1'])('%j is no time', (text) => {
  expect(() => seconds(text)).toThrow('Expected seconds')
})

it('drawings are gathered, each once', () => {
  expect(drawingList('mesh, pose', ['pose'])).toEqual(['pose', 'mesh'])
  expect(() => drawingList('mesh,4d')).toThrow('There is no drawing "4d"')
})
