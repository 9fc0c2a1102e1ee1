import { defineConfig } from 'vitest/config'
import { sourceAliases } from './scripts/source-aliases.mjs'

/** Tests run on the sources; only end-to-end tests use what was built. */
export default defineConfig({
  resolve: {
    alias: sourceAliases,
  },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'models/{src,test,open}/**/*.test.ts',
      'benchmarks/**/*.test.ts',
      'examples/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/dist/**', '**/node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest's one second is less than a browser without a GPU may take for a frame.
    expect: { poll: { timeout: 30_000 } },
    // Two cores: more workers only slow each other down.
    maxWorkers: 2,
  },
})
