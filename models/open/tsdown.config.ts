import { defineConfig } from 'tsdown'
import { library } from '../../tsdown.shared.ts'

export default defineConfig([
  library({ index: 'src/index.ts' }),
  library({ node: 'src/node.ts' }, { platform: 'node', clean: false }),
])
