import { DETECTOR_NAMES } from '@3ddfa/detector'
import { OVERLAYS, type Overlay, type Settings, SMOOTHINGS } from '../engine/types.ts'
import { element, options } from './elements.ts'

const LABELS: Readonly<Record<Overlay, string>> = {
  sparse: 'Landmarks',
  dense: 'Points',
  mesh: 'Mesh',
  depth: 'Depth',
  pncc: 'PNCC',
  pose: 'Pose',
  texture: 'UV texture',
  none: 'Nothing',
}

const DETECTORS: Readonly<Record<string, string>> = {
  faceboxes: 'FaceBoxes',
  ultraface: 'UltraFace RFB-320',
  yunet: 'YuNet',
}

const SMOOTHING_LABELS: Readonly<Record<string, string>> = {
  'one-euro': 'One Euro',
  'look-ahead': 'Look-ahead mean',
  none: 'None',
}

const IDS = ['detector', 'provider', 'backend', 'smoothing'] as const

export function settings(): Settings {
  const value = (id: string): string => element<HTMLSelectElement>(id).value
  return Object.fromEntries(IDS.map((id) => [id, value(id)])) as unknown as Settings
}

/** Fills the controls and listens to them. */
export function listenToControls(onOverlay: (overlay: Overlay) => void, onSettings: () => void): void {
  options(
    element<HTMLSelectElement>('detector'),
    DETECTOR_NAMES.map((name) => [name, DETECTORS[name] ?? name]),
  )
  options(
    element<HTMLSelectElement>('smoothing'),
    SMOOTHINGS.map((name) => [name, SMOOTHING_LABELS[name] ?? name]),
  )
  for (const id of IDS) element(id).addEventListener('change', onSettings)
  element('overlays').append(...OVERLAYS.map((overlay) => choice(overlay, onOverlay)))
}

function choice(overlay: Overlay, onOverlay: (overlay: Overlay) => void): HTMLLabelElement {
  const label = document.createElement('label')
  label.className = 'choice'
  const input = document.createElement('input')
  input.type = 'radio'
  input.name = 'overlay'
  input.value = overlay
  input.checked = overlay === 'mesh'
  input.addEventListener('change', () => onOverlay(overlay))
  const text = document.createElement('span')
  text.textContent = LABELS[overlay]
  label.append(input, text)
  return label
}
