import { describe, expect, it } from 'vitest'
import { messageOf, systemReason } from './errors.ts'

describe('messages', () => {
  it('are one line', () => {
    expect(messageOf(new Error('first\n  second\n'))).toBe('first; second')
    expect(messageOf('plain')).toBe('plain')
  })

  it('name the reason of a system error, not its code', () => {
    expect(systemReason(Object.assign(new Error('ENOSPC: no space, write'), { code: 'ENOSPC' }))).toBe(
      'no space is left on the device',
    )
    expect(systemReason(Object.assign(new Error('EWHATEVER: odd'), { code: 'EWHATEVER' }))).toBe('EWHATEVER: odd')
  })
})
