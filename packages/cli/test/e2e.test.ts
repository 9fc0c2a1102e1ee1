// One file, so that one worker builds the command once before all suites.
import { beforeAll } from 'vitest'
import { build } from './command.ts'

beforeAll(build)

await import('./align.ts')
await import('./batch.ts')
await import('./disk.ts')
await import('./drawing.ts')
await import('./edit.ts')
await import('./eval.ts')
await import('./golden.ts')
await import('./models.ts')
await import('./open.ts')
await import('./privacy.ts')
await import('./video.ts')
