import { allChecks, disposeCheck } from '@3ddfa/conformance'
import { ReferenceBackend } from '@3ddfa/core'
import { createNativeBackend } from '@3ddfa/render-native'

// What each check says of the native backend, for machines on which tests do not run: bundled, and run by their Node alone.
const [backend, reference] = [createNativeBackend(), new ReferenceBackend()]
const findings = [...allChecks(), disposeCheck(createNativeBackend)].flatMap(({ name, run }) => {
  const finding = run(backend, reference)
  return finding === undefined ? [] : [`${name}: ${finding}`]
})
for (const finding of findings) console.error(finding)
console.log(`${process.platform} ${process.arch}: ${allChecks().length + 1} checks, ${findings.length} findings`)
process.exitCode = findings.length > 0 ? 1 : 0
