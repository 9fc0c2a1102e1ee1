import { show } from '../shared/show.js'

show(new Worker(new URL('../shared/worker.js', import.meta.url), { type: 'module' }))
