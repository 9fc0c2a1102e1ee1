import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { sourceAliases } from './source-aliases.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Serves a blank page with `entry` (absolute path of a module) in it, which reads the packages' sources. The page's `loaded` is
 * 'yes' once the module has run, or why it has not. `folders`: absolute folders served under URL prefixes.
 */
export async function serveBlankPage({ entry, headers = {}, folders = {} }) {
  const server = await createServer({
    configFile: false,
    root,
    logLevel: 'error',
    resolve: { alias: sourceAliases },
    server: { port: 0, host: '127.0.0.1', headers, hmr: false, watch: null, fs: { strict: false } },
    optimizeDeps: { noDiscovery: true },
    plugins: [blankPage(entry, folders)],
  })
  await server.listen()
  return { url: `${server.resolvedUrls.local[0]}blank.html`, close: () => server.close() }
}

function blankPage(entry, folders) {
  const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
    globalThis.loaded = await import('/@fs${entry}').then(() => 'yes', String)</script>`
  return {
    name: 'blank-page',
    configureServer(server) {
      server.middlewares.use('/blank.html', (_, response) => {
        response.setHeader('content-type', 'text/html')
        response.end(html)
      })
      for (const [prefix, folder] of Object.entries(folders))
        server.middlewares.use(prefix, (request, response) => {
          const missing = () => response.writeHead(404).end()
          createReadStream(folder + decodeURIComponent(request.url.split('?')[0]))
            .on('error', missing)
            .pipe(response)
        })
    },
  }
}
