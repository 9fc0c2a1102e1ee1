import { defineConfig } from 'tsdown'
import { library } from '../tsdown.shared.ts'

export default defineConfig([
  library({ index: 'src/index.ts', node: 'src/node.ts' }, { platform: 'node' }),
  library({ web: 'src/web.ts' }, { platform: 'browser', clean: false }),
])
