import { defineConfig } from 'tsdown'
import { library } from '../tsdown.shared.ts'

// In one build, so that an error has one class wherever it is imported from.
export default defineConfig(
  library({ index: 'src/index.ts', node: 'src/node.ts', web: 'src/web.ts' }, { platform: 'node' }),
)
