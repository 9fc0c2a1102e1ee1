import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadRuntime } from './load-runtime.ts'
import { openOrtEngine } from './ort-engine.ts'
import { runtimeReason } from './runtime-reason.ts'

/**
 * The network with what does not depend on its input worked out: constants folded (weights that are stored narrow among them), batch
 * norms joined with their convolutions. Its operators are ONNX's own: onnxruntime's "basic" optimisations.
 * @param model bytes of an `.onnx` file.
 * @throws {Error} when onnxruntime-node cannot be loaded here, or cannot read the network.
 */
export async function simplifyNetwork(model: Uint8Array): Promise<Uint8Array> {
  const ort = await loadRuntime()
  const folder = await mkdtemp(join(tmpdir(), '3ddfa-simplify-'))
  const file = join(folder, 'network.onnx')
  try {
    const engine = await openOrtEngine(ort, model, {
      graphOptimizationLevel: 'basic',
      optimizedModelFilePath: file,
      logSeverityLevel: 4,
    })
    await engine.release()
    return await readFile(file)
  } catch (error) {
    throw new Error(`Could not simplify the network of ${model.length} bytes: ${runtimeReason(error)}`, {
      cause: error,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
