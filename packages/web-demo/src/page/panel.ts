import type { EngineReport, FrameReport } from '../engine/types.ts'
import { element } from './elements.ts'

/** As the engine names them. `track` is all of finding and following that is in no other stage. */
const STAGES = [
  'read',
  'detect',
  'crop and resize',
  'regress',
  'track',
  'dense',
  'light',
  'rasterise',
  'shade',
  'draw',
] as const
const body = element('measured').querySelector('tbody')!
const cells = new Map<string, HTMLTableCellElement>()

/** What runs. */
export function showReport({ backend, provider, detector, regressor, faceModel, notes }: EngineReport): void {
  set('Model', `${regressor}, ${faceModel}`)
  set('Mesh backend', backend)
  set('Network', provider === 'webgpu' ? 'WebGPU' : 'WebAssembly')
  set('Detector', detector)
  set('Notes', notes.join(' ') || 'none')
}

/** How long each stage of the last picture took. */
export function showTimes({ stages, total }: FrameReport): void {
  for (const stage of STAGES) set(stage, milliseconds(stages[stage]))
  set('whole frame', milliseconds(total))
}

export function showRate(fps: number | undefined): void {
  set('frames a second', fps === undefined ? '' : fps.toFixed(1))
}

function set(name: string, value: string): void {
  let cell = cells.get(name)
  if (!cell) {
    const row = document.createElement('tr')
    const head = document.createElement('th')
    head.scope = 'row'
    head.textContent = name
    cell = document.createElement('td')
    row.append(head, cell)
    body.append(row)
    cells.set(name, cell)
  }
  cell.textContent = value
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(2)} ms`
}
