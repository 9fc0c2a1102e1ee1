import { existsSync } from 'node:fs'
import { arch } from 'node:os'
import { describe, expect, it } from 'vitest'
import { describeProcessor, instructionSets } from './processor.ts'

describe('processors', () => {
  it('are told apart by their instruction sets', () => {
    const x64 =
      'processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: sse2 avx2\nbugs\t\t: spectre_v1\n\nprocessor\t: 1\nflags\t\t: none\n'
    expect(instructionSets(x64)).toBe('sse2 avx2')
    expect(instructionSets('processor\t: 0\nFeatures\t: fp asimd asimddp\nCPU part\t: 0xd0c\n')).toBe(
      'fp asimd asimddp',
    )
    expect(instructionSets('processor\t: 0\n')).toBe('')
  })

  it('this one: its architecture, and on Linux what it can do', async () => {
    const description = await describeProcessor()
    expect(description.startsWith(`${arch()}\n`)).toBe(true)
    const simd = { x64: 'sse2', arm64: 'asimd' }[arch() as 'x64' | 'arm64']
    if (existsSync('/proc/cpuinfo') && simd) expect(description.split('\n')[2]!.split(' ')).toContain(simd)
    expect(await describeProcessor()).toBe(description)
  })
})
