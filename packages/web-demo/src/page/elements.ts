/** The element of the page with this id; every id is in the page's HTML. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`The page has no element ${id}.`)
  return found as T
}

export function button(label: string, onClick: () => void): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.textContent = label
  made.addEventListener('click', onClick)
  return made
}

export function options(select: HTMLSelectElement, values: readonly (readonly [value: string, label: string])[]): void {
  select.replaceChildren(...values.map(([value, label]) => new Option(label, value)))
}
