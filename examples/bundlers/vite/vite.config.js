import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  worker: { format: 'es' },
  // For `vite dev`, whose pre-bundling would part onnxruntime from its WebAssembly.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
})
