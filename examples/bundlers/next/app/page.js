// Every package is imported on the server as well: none of them may touch the DOM or fetch for that.
import * as core from '@3ddfa/core'
import * as gltf from '@3ddfa/core/gltf'
import * as detector from '@3ddfa/detector'
import * as inference from '@3ddfa/inference/web'
import * as models from '@3ddfa/models/web'
import * as openModels from '@3ddfa/open-models'
import * as wasm from '@3ddfa/render-wasm'
import { Result } from './result.js'

export default function Page() {
  const names = [core, gltf, detector, inference, models, openModels, wasm].map((module) => Object.keys(module).length)
  return (
    <main>
      <p id="server">{names.join(' ')}</p>
      <Result />
    </main>
  )
}
