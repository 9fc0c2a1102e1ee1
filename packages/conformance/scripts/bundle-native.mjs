// Writes the checks of the native backend as one module, which runs where nothing but Node is: FOLDER/dist/checks.mjs, with the binary
// as FOLDER/render-native.*.node.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { sourceAliases } from '../../../scripts/source-aliases.mjs'

export async function bundleNative(folder) {
  await build({
    configFile: false,
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    logLevel: 'error',
    resolve: { alias: sourceAliases },
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('../test/native.node.ts', import.meta.url)),
      outDir: resolve(folder, 'dist'),
      emptyOutDir: true,
      rolldownOptions: { output: { entryFileNames: 'checks.mjs' } },
    },
  })
  return resolve(folder, 'dist/checks.mjs')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv
  if (!folder) {
    console.error('Usage: node packages/conformance/scripts/bundle-native.mjs FOLDER')
    process.exit(2)
  }
  console.log(await bundleNative(folder))
}
