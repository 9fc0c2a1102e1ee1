import { describe, expect, it } from 'vitest'
import { infoFrom, reason } from './probe.ts'

const video = { codec_type: 'video', width: 640, height: 360, avg_frame_rate: '30000/1001', time_base: '1/30000' }

describe('infoFrom', () => {
  it('takes the first video that is no cover, and the sound', () => {
    const cover = { codec_type: 'video', width: 9, height: 9, disposition: { attached_pic: 1 } }
    const sound = { codec_type: 'audio', codec_name: 'aac' }
    expect(infoFrom('a', { streams: [cover, sound, video], format: { duration: '2.5' } })).toMatchObject({
      ...{ width: 640, height: 360, timeBase: [1, 30000], duration: 2.5, audio: { codec: 'aac', isReadable: true } },
      frameRate: 30000 / 1001,
    })
    expect(() => infoFrom('a', { streams: [cover, sound] })).toThrow('a has no video stream.')
  })

  it('takes the length of the pictures before that of the whole', () => {
    const length = (more: object) =>
      infoFrom('a', { streams: [{ ...video, ...more }], format: { duration: '5' } }).duration
    expect(length({ duration: '2', tags: { DURATION: '00:00:03.5' } })).toBe(2)
    expect(length({ tags: { DURATION: '01:02:03.500000000' } })).toBe(3723.5)
    for (const DURATION of ['', 'x', '00:00:00.0']) expect(length({ tags: { DURATION } })).toBe(5)
  })

  it('gives the size of the upright picture with square pixels', () => {
    const size = (more: object) => {
      const { width, height } = infoFrom('a', { streams: [{ ...video, ...more }] })
      return [width, height]
    }
    expect(size({ side_data_list: [{}, { rotation: -90 }] })).toEqual([360, 640])
    expect(size({ side_data_list: [{ rotation: '180' }] })).toEqual([640, 360])
    expect(size({ sample_aspect_ratio: '4:3' })).toEqual([853, 360])
    expect(size({ sample_aspect_ratio: '0:1' })).toEqual([640, 360])
  })

  it('does without what a file does not tell, and refuses sizes that cannot be', () => {
    const bare = { codec_type: 'video', width: 8, height: 8, avg_frame_rate: '0/0', r_frame_rate: '90000/1' }
    expect(infoFrom('a', { streams: [bare] })).toMatchObject({
      ...{ frameRate: 25, timeBase: [1, 90000], duration: undefined, audio: undefined },
    })
    for (const width of [0, 1e6, -8])
      expect(() => infoFrom('a', { streams: [{ ...video, width, height: 1000 }] })).toThrow(/expected 1 to 40000000/)
  })
})

it('reason is the first complaint without the file in front', () => {
  expect(reason(['moov atom not found', 'file:x: Invalid data'])).toBe('moov atom not found')
  expect(reason(['file:a: b.mp4: Permission denied.'])).toBe('Permission denied')
  expect(reason([])).toBe('ffmpeg does not say why')
})
