import { describe } from 'vitest'
import { testAccidents } from './video/accidents.ts'
import { testFailures } from './video/failures.ts'
import { testInterrupts } from './video/interrupts.ts'
import { testResults } from './video/results.ts'
import { testSources } from './video/sources.ts'
import { Studio, skipped } from './video/studio.ts'

describe.skipIf(skipped !== '')(`3ddfa video${skipped}`, () => {
  const studio = new Studio()
  testResults(studio)
  testSources(studio)
  testInterrupts(studio)
  testFailures(studio)
  testAccidents(studio)
})
