import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Tests run on the sources: no build between an edit and its test. Only end-to-end tests use what was built. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@3ddfa\/models$/, replacement: at('./models/src/index.ts') },
      { find: /^@3ddfa\/models\/(.+)$/, replacement: at('./models/src/$1.ts') },
      { find: /^@3ddfa\/([a-z-]+)$/, replacement: at('./packages/$1/src/index.ts') },
      { find: /^@3ddfa\/([a-z-]+)\/(.+)$/, replacement: at('./packages/$1/src/$2.ts') },
    ],
  },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'models/{src,test}/**/*.test.ts',
      'benchmarks/**/*.test.ts',
      'examples/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/dist/**', '**/node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers only slow each other down.
    maxWorkers: 2,
  },
})
