import { POSE_DRAWINGS, type PoseDrawing, SMOOTHINGS, type Smoothing, STYLE_NAMES, type StyleName } from '@3ddfa/core'
import { DETECTOR_NAMES } from '@3ddfa/detector'
import { PUBLISHED_DEFAULTS } from '@3ddfa/models/web'
import {
  DETECT_SIZES,
  type DetectSize,
  type Look,
  type ModelName,
  OVERLAYS,
  type Overlay,
  ROLLS,
  type Roll,
  type Settings,
} from '../engine/types.ts'
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
  open: 'Open',
}

const DETECT_SIZE_LABELS: Readonly<Record<DetectSize, string>> = {
  auto: "Detector's own",
  '320': '320 px: fast, large faces',
  '640': '640 px',
  '1280': '1280 px: small faces',
  '1920': '1920 px: tiny faces, slow',
}

const ROLL_LABELS: Readonly<Record<Roll, string>> = {
  upright: 'Upright, or nearly so',
  any: 'Any way round',
}

const MODELS: Readonly<Record<ModelName, string>> = {
  published: 'mb05, Basel Face Model',
  open: 'Open pack',
}

const SMOOTHING_LABELS: Readonly<Record<Smoothing, string>> = {
  'one-euro': 'One Euro',
  'look-ahead': 'Look-ahead mean',
  none: 'None',
}

const STYLES: Readonly<Record<StyleName, string>> = {
  '3ddfa': '3DDFA_V2',
  'dense-head': 'Dense Head Pose',
}

const POSES: Readonly<Record<PoseDrawing, string>> = { box: 'Box', axes: 'Axes', both: 'Box and axes' }

const IDS = ['model', 'detector', 'detectSize', 'roll', 'provider', 'backend'] as const

export function settings(): Settings {
  const value = (id: string): string => element<HTMLSelectElement>(id).value
  return Object.fromEntries(IDS.map((id) => [id, value(id)])) as unknown as Settings
}

/** Puts settings into the controls, without telling anyone. */
export function showSettings(settings: Settings): void {
  for (const id of IDS) element<HTMLSelectElement>(id).value = settings[id]
  allowDetectSize()
}

/** UltraFace looks at 320 x 240 pixels, whatever the picture. */
function allowDetectSize(): void {
  element<HTMLSelectElement>('detectSize').disabled = element<HTMLSelectElement>('detector').value === 'ultraface'
}

/** Offers only what is there: the published models need files beside the page. Returns whether those that the page prefers are. */
export function offerModels(exported: readonly string[]): boolean {
  const isHere = [PUBLISHED_DEFAULTS.regressor, PUBLISHED_DEFAULTS.face].every((id) => exported.includes(id))
  const offer = (id: string, has: (value: string) => boolean): void => {
    const select = element<HTMLSelectElement>(id)
    for (const option of select.options) option.disabled = !has(option.value)
    if (select.selectedOptions[0]?.disabled) select.value = 'open'
  }
  offer('model', (name) => name === 'open' || isHere)
  offer('detector', (name) => name === 'open' || exported.includes(name))
  allowDetectSize()
  return isHere
}

/** Fills the controls and listens to them. */
export function listenToControls(onLook: (look: Look) => void, onSettings: () => void): void {
  options(element<HTMLSelectElement>('model'), Object.entries(MODELS))
  options(
    element<HTMLSelectElement>('detector'),
    DETECTOR_NAMES.map((name) => [name, DETECTORS[name] ?? name]),
  )
  options(
    element<HTMLSelectElement>('smoothing'),
    SMOOTHINGS.map((name) => [name, SMOOTHING_LABELS[name]]),
  )
  options(
    element<HTMLSelectElement>('detectSize'),
    DETECT_SIZES.map((size) => [size, DETECT_SIZE_LABELS[size]]),
  )
  options(
    element<HTMLSelectElement>('roll'),
    ROLLS.map((roll) => [roll, ROLL_LABELS[roll]]),
  )
  element('detector').addEventListener('change', allowDetectSize)
  for (const id of IDS) element(id).addEventListener('change', onSettings)
  options(
    element<HTMLSelectElement>('style'),
    STYLE_NAMES.map((name) => [name, STYLES[name]]),
  )
  options(
    element<HTMLSelectElement>('pose-as'),
    POSE_DRAWINGS.toReversed().map((name) => [name, POSES[name]]),
  )
  element('overlays').append(...OVERLAYS.map(choice))
  for (const id of ['overlays', 'style', 'pose-as', 'smoothing'])
    element(id).addEventListener('change', () => onLook(look()))
}

export function look(): Look {
  const value = (selector: string): string => document.querySelector<HTMLInputElement>(selector)!.value
  return {
    overlay: value('input[name=overlay]:checked') as Overlay,
    style: value('#style') as StyleName,
    poseAs: value('#pose-as') as PoseDrawing,
    smoothing: value('#smoothing') as Smoothing,
  }
}

function choice(overlay: Overlay): HTMLLabelElement {
  const label = document.createElement('label')
  label.className = 'choice'
  const input = document.createElement('input')
  input.type = 'radio'
  input.name = 'overlay'
  input.value = overlay
  input.checked = overlay === 'mesh'
  const text = document.createElement('span')
  text.textContent = LABELS[overlay]
  label.append(input, text)
  return label
}
