import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  // Pre-bundling would part onnxruntime from its WebAssembly and the pack from its files.
  optimizeDeps: { exclude: ['onnxruntime-web', '@3ddfa/open-models'] },
})
