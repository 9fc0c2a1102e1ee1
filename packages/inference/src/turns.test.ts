import { expect, it } from 'vitest'
import { takeTurn } from './turns.ts'

it('does one job after the other for an owner, past failures, and lets owners be', async () => {
  const [owner, other] = [{}, {}]
  const log: string[] = []
  const job = (name: string, ms: number) => async () => {
    log.push(`${name} starts`)
    await new Promise((resolve) => setTimeout(resolve, ms))
    log.push(`${name} ends`)
    if (name === 'bad') throw new Error('no')
    return name
  }
  const all = Promise.allSettled([
    takeTurn(owner, job('bad', 20)),
    takeTurn(owner, job('next', 1)),
    takeTurn(other, job('other', 1)),
  ])
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(log).toEqual(['bad starts', 'other starts', 'other ends', 'bad ends', 'next starts', 'next ends'])
})
