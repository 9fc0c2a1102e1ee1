import type { compile as compileSpec, TopLevelSpec } from 'vega-lite'

type CompileOptions = NonNullable<Parameters<typeof compileSpec>[1]>

/** Quiet colours that are told apart by everybody (Okabe and Ito), also on white paper. */
const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000']

/** Vega-Lite explains its own decisions on stderr, which is for what concerns the user. */
const SILENT = {
  level: () => SILENT,
  error: () => SILENT,
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
} as unknown as NonNullable<CompileOptions['logger']>

/** A Vega-Lite chart as SVG. The chart library is loaded by the first chart, and by nothing else. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')])
  const config = {
    font: 'sans-serif',
    background: 'white',
    view: { stroke: null },
    axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal' as const, gridColor: '#e5e5e5' },
    legend: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal' as const, labelLimit: 400 },
    title: { fontSize: 13, fontWeight: 'normal' as const, anchor: 'start' as const, subtitleColor: '#555555' },
    range: { category: PALETTE },
    ...spec.config,
  }
  const view = new View(parse(compile({ ...spec, config }, { logger: SILENT }).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}
