import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

await build({
  entryPoints: { main: at('main.js'), worker: at('../shared/worker.js') },
  outdir: at('dist'),
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  target: 'es2022',
  loader: { '.wasm': 'file', '.onnx': 'file', '.safetensors': 'file' },
})
