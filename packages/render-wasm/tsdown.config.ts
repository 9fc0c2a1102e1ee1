import { writeFileSync } from 'node:fs'
import { defineConfig } from 'tsdown'
import { library } from '../../tsdown.shared.ts'
import scalar from './src/generated/scalar.ts'
import simd from './src/generated/simd.ts'

export default defineConfig(
  library(
    { index: 'src/index.ts' },
    {
      // For those who would rather serve it.
      onSuccess() {
        for (const [name, base64] of Object.entries({ simd, scalar }))
          writeFileSync(new URL(`dist/${name}.wasm`, import.meta.url), Buffer.from(base64, 'base64'))
      },
    },
  ),
)
