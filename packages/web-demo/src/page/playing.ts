import { element } from './elements.ts'

/** What moves, once it is chosen: Stop is there from then on, also while the browser still asks for the camera. */
export type Playing = 'webcam' | 'video'

export function showPlaying(playing?: Playing): void {
  const stop = element('stop')
  // What is hidden loses the keyboard, to nothing.
  if (!playing && document.activeElement === stop) element(isWebcamOn() ? 'webcam' : 'choose-video').focus()
  stop.hidden = !playing
  element('webcam').setAttribute('aria-pressed', String(playing === 'webcam'))
}

export function isPlaying(): boolean {
  return !element('stop').hidden
}

export function isWebcamOn(): boolean {
  return element('webcam').getAttribute('aria-pressed') === 'true'
}
