import { defineConfig } from 'tsdown'
import { library } from '../../tsdown.shared.ts'

// A command has no types to export.
export default defineConfig(
  library(
    { main: 'src/main.ts', 'batch-worker': 'src/batch/worker.ts', 'bench-memory': 'src/bench/memory-process.ts' },
    { platform: 'node', target: 'node20', dts: false },
  ),
)
