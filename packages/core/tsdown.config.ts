import { defineConfig } from 'tsdown'
import { library } from '../../tsdown.shared.ts'

export default defineConfig(library({ index: 'src/index.ts', gltf: 'src/gltf.ts', evaluation: 'src/evaluation.ts' }))
