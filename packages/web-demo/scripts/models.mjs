// Puts published models beside the page (public/models), for `dev` and `build`: those that are here or can be made from local
// files. Without them the page uses the open pack.
import { fileURLToPath } from 'node:url'
import { exportForWeb, openModelStore } from '@3ddfa/models/node'
import { useLocalModels } from '../../../scripts/setup.mjs'

useLocalModels()
const folder = fileURLToPath(new URL('../public/models', import.meta.url))
const store = openModelStore({ offline: true })
const wanted = ['mb05', 'faceboxes', 'bfm']
for (const id of ['ultraface', 'yunet'])
  await store.ensure(id).then(
    () => wanted.push(id),
    (error) => console.warn(`Left out: ${error.message}`),
  )
try {
  const { models } = await exportForWeb(store, folder, wanted)
  const bytes = models.reduce((sum, model) => sum + model.bytes, 0)
  console.log(`${models.length} models in public/models, ${(bytes / 1e6).toFixed(1)} MB`)
} catch (error) {
  console.warn(`No published models in public/models, so the page uses the open pack: ${error.message}`)
}
