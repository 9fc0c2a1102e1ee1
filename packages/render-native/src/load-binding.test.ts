import { describe, expect, it } from 'vitest'
import { type Binding, firstThatLoads, platformTriples } from './load-binding.ts'

describe('firstThatLoads', () => {
  it('prefers the binary that was built here', () => {
    const seen: string[] = []
    const binding = firstThatLoads(['linux-x64-gnu'], (id) => {
      seen.push(id)
      return { id } as unknown as Binding
    })
    expect(seen).toEqual(['../render-native.linux-x64-gnu.node'])
    expect(binding).toEqual({ id: seen[0] })
  })

  it("falls back on the platform's package", () => {
    const load = (id: string) => {
      if (id.endsWith('.node')) throw new Error('not built')
      return { id }
    }
    expect(firstThatLoads(['darwin-arm64'], load)).toEqual({ id: '@3ddfa/render-native-darwin-arm64' })
  })

  it('finds out by trying which C library a Linux has', () => {
    const tried: string[] = []
    const load = (id: string) => {
      tried.push(id)
      if (id !== '@3ddfa/render-native-linux-arm64-musl') throw new Error('ld-linux-aarch64.so.1: no such file')
      return { id }
    }
    const found = firstThatLoads(platformTriples('linux', 'arm64'), load)
    expect(found).toEqual({ id: '@3ddfa/render-native-linux-arm64-musl' })
    expect(tried.slice(0, 2)).toEqual(['../render-native.linux-arm64-gnu.node', '@3ddfa/render-native-linux-arm64-gnu'])
    expect(platformTriples('win32', 'x64')).toEqual(['win32-x64-msvc'])
  })

  it('names every attempt in one line, and what to do', () => {
    const load = (id: string) => {
      throw new Error(`Cannot find ${id}\nRequire stack: ...`)
    }
    expect(() => firstThatLoads(['win32-x64-msvc'], load)).toThrow(
      /^The native backend has no binary for win32-x64-msvc \(\.\.\/render-native\.win32-x64-msvc\.node: Cannot find [^;\n]+; @3ddfa\/render-native-win32-x64-msvc: Cannot find [^;\n]+\)\. Install the platform's package [^\n]+$/,
    )
  })
})
