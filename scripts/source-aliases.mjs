import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** The packages' names as their sources, for Vite and vitest: no build between an edit and its test. */
export const sourceAliases = [
  { find: /^@3ddfa\/open-models$/, replacement: at('models/open/src/index.ts') },
  { find: /^@3ddfa\/open-models\/node$/, replacement: at('models/open/src/node.ts') },
  { find: /^@3ddfa\/models$/, replacement: at('models/src/index.ts') },
  { find: /^@3ddfa\/models\/(.+)$/, replacement: at('models/src/$1.ts') },
  { find: /^@3ddfa\/([a-z-]+)$/, replacement: at('packages/$1/src/index.ts') },
  { find: /^@3ddfa\/([a-z-]+)\/(.+)$/, replacement: at('packages/$1/src/$2.ts') },
]
