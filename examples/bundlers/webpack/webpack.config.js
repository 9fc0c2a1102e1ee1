import { fileURLToPath } from 'node:url'

export default {
  mode: 'production',
  target: 'web',
  entry: fileURLToPath(new URL('main.js', import.meta.url)),
  output: { path: fileURLToPath(new URL('dist', import.meta.url)), publicPath: 'auto' },
  performance: false,
}
