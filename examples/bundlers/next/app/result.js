'use client'

import { useEffect } from 'react'
import { show } from '../../shared/show.js'

export function Result() {
  useEffect(() => {
    const worker = new Worker(new URL('../../shared/worker.js', import.meta.url), { type: 'module' })
    show(worker)
    return () => worker.terminate()
  }, [])
  return <pre id="result" />
}
