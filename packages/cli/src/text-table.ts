export type Cell = string | number | undefined

/** A table for a terminal: the first column to the left, the others to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [head, ...rows.map((row) => row.map(textOf))]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines
    .map((line) =>
      widths
        .map((width, i) => (i === 0 ? (line[i] ?? '').padEnd(width) : (line[i] ?? '').padStart(width)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The same table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const escaped = rows.map((row) => row.map((cell) => textOf(cell).replaceAll('|', '\\|')))
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'))
  return [head, rule, ...escaped].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function textOf(cell: Cell): string {
  if (cell === undefined || (typeof cell === 'number' && !Number.isFinite(cell))) return ''
  return typeof cell === 'number' ? cell.toFixed(2) : cell
}
