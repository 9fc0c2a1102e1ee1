import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

await build({
  entryPoints: [at('server.js')],
  outfile: at('dist/server.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  // Files beside their modules and native code stay in node_modules.
  external: ['@3ddfa/open-models', '@3ddfa/render-native', 'onnxruntime-node'],
})
