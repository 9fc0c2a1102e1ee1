import { proxy, wrap } from 'comlink'
import { save } from '../page/downloads.ts'
import { element } from '../page/elements.ts'
import type { Choice, Measurement } from './types.ts'
import type { Meter } from './worker.ts'

const SECONDS_A_STAGE = 1

const CHOICES: readonly Choice[] = [
  { provider: 'wasm', backend: 'wasm' },
  { provider: 'webgpu', backend: 'wasm' },
]

const run = element<HTMLButtonElement>('run')
const saving = element<HTMLButtonElement>('save')
const status = element('status')
let results: Measurement[] = []

/** What is known of the device without asking for more than a page may know. */
function describeDevice(): Record<string, unknown> {
  const { hardwareConcurrency, userAgent } = navigator
  return { userAgent, cores: hardwareConcurrency, crossOriginIsolated, date: new Date().toISOString() }
}

async function measure(choice: Choice, seconds: number): Promise<Measurement> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message || 'The worker could not be started.'))
  })
  try {
    const meter = wrap<Meter>(worker)
    const url = (path: string): string => new URL(path, document.baseURI).href
    const tell = proxy((stage: string) => {
      status.textContent = `Measuring ${choice.provider}: ${stage}`
    })
    return await Promise.race([meter.measure(choice, url('models/'), url('sample.png'), seconds, tell), failed])
  } finally {
    worker.terminate()
  }
}

async function measureAll(): Promise<void> {
  run.disabled = true
  saving.hidden = true
  results = []
  element('results').replaceChildren()
  element('problems').replaceChildren()
  document.documentElement.dataset['measured'] = 'running'
  // `?seconds=0.1` for a quick look.
  const seconds = Number(new URLSearchParams(location.search).get('seconds')) || SECONDS_A_STAGE
  const choices = CHOICES.filter(({ provider }) => provider === 'wasm' || 'gpu' in navigator)
  if (choices.length < CHOICES.length) complain('This browser has no WebGPU, so only WebAssembly is measured.')
  for (const choice of choices) {
    status.textContent = `Starting ${choice.provider} …`
    try {
      const result = await measure(choice, seconds)
      // Falling back would measure the same again.
      if (result.provider.startsWith(choice.provider)) results.push(result)
      for (const note of result.notes) complain(note)
    } catch (error) {
      complain(`${choice.provider}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  show()
  run.disabled = false
  saving.hidden = results.length === 0
  document.documentElement.dataset['measured'] = results.length > 0 ? 'done' : 'failed'
}

/** Says a thing once. */
function complain(message: string): void {
  if ([...element('problems').children].some(({ textContent }) => textContent === message)) return
  const item = document.createElement('li')
  item.textContent = message
  element('problems').append(item)
}

/** A column of medians for each choice. */
function show(): void {
  const [first] = results
  status.textContent = first
    ? `${first.models}; sample of ${first.picture}; milliseconds, median and p95.`
    : 'Nothing could be measured.'
  if (!first) return
  const table = document.createElement('table')
  table.append(row('th', ['', ...results.map(({ provider }) => provider)]))
  table.append(row('td', ['start to first result', ...results.map(({ start }) => start.toFixed(0))]))
  for (const { stage } of first.stages)
    table.append(
      row('td', [
        stage,
        ...results.map(({ stages }) => {
          const time = stages.find((other) => other.stage === stage)
          return time ? `${time.median.toFixed(2)} (${time.p95.toFixed(2)})` : ''
        }),
      ]),
    )
  element('results').replaceChildren(table)
}

function row(kind: 'th' | 'td', [head, ...cells]: readonly string[]): HTMLTableRowElement {
  const line = document.createElement('tr')
  const heading = document.createElement('th')
  heading.scope = kind === 'th' ? 'col' : 'row'
  heading.textContent = head ?? ''
  line.append(heading)
  for (const text of cells) {
    const cell = document.createElement(kind)
    cell.textContent = text
    line.append(cell)
  }
  return line
}

function download(): void {
  const text = JSON.stringify({ schema: '3ddfa.device', version: 1, device: describeDevice(), results }, null, 2)
  save({ name: '3ddfa-device.json', blob: new Blob([text], { type: 'application/json' }) })
}

run.addEventListener('click', () => void measureAll())
saving.addEventListener('click', download)
