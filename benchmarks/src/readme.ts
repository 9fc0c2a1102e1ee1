// Puts the stored results into README.md: pnpm --filter @3ddfa/benchmarks readme
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { renderSvg } from '../../packages/cli/src/charts/chart.ts'
import type { Measured } from './measured.ts'
import { readResult, resultPath } from './results.ts'
import { sections } from './sections.ts'
import type { VariantSpeed } from './variants.ts'

/** Replaces what stands between `<!-- NAME -->` and `<!-- end of NAME -->`. @throws {Error} when a marker is missing. */
export function fill(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`Expected ${start} and ${end} in README.md.`)
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
}

async function drawVariants(): Promise<void> {
  const stored = readResult<Measured<Record<string, VariantSpeed>>>('variants')
  if (!stored) return
  const values = Object.entries(stored.result).flatMap(([networks, { detect, faces, whole }]) => {
    const rest = Math.max(0, whole.median - detect.median - faces.median)
    const parts = { detector: detect.median, 'crops, network, landmarks': faces.median, 'vertices and picture': rest }
    return Object.entries(parts).map(([part, milliseconds], order) => ({
      ...{ networks: networks.replaceAll('`', ''), part, milliseconds, order },
    }))
  })
  const svg = await renderSvg({
    title: { text: 'A still image with two faces, one thread', subtitle: `${stored.machine}; ${stored.date}` },
    width: 420,
    height: { step: 26 },
    data: { values },
    mark: 'bar',
    encoding: {
      y: { field: 'networks', type: 'nominal', sort: null, title: null, axis: { labelLimit: 300 } },
      x: { field: 'milliseconds', type: 'quantitative', stack: 'zero' },
      order: { field: 'order', type: 'quantitative' },
      color: { field: 'part', type: 'nominal', sort: null, title: null, legend: { orient: 'bottom' } },
    },
  })
  writeFileSync(resultPath('variants.svg'), svg)
}

export async function writeReadme(): Promise<void> {
  const path = fileURLToPath(new URL('../README.md', import.meta.url))
  let text = readFileSync(path, 'utf8')
  for (const [name, content] of Object.entries(sections())) if (content !== undefined) text = fill(text, name, content)
  writeFileSync(path, text)
  await drawVariants()
}

if (process.argv[1]?.endsWith('readme.ts')) await writeReadme()
