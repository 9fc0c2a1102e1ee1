import { describe, expect, it } from 'vitest'
import { demoSite, missingPublished } from './demo.ts'
import { alertOf, choose, faces, measured, ready, status } from './shown.ts'

const SWIFTSHADER = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-webgpu-adapter=swiftshader']

describe.skipIf(missingPublished)(`the demo and WebGPU${missingPublished}`, { timeout: 180_000 }, () => {
  const { open } = demoSite({ published: true })

  it.each([
    ['runs on WebGPU (SwiftShader)', SWIFTSHADER, 'WebGPU', /^(?!.*webgpu: this)/],
    ['says what runs where there is none', [], 'WebAssembly', /webgpu: this/],
  ])('%s', async (_, args, network, notes) => {
    const { page } = await open(args)
    await ready(page)
    await choose(page, 'provider', 'webgpu')
    expect(await measured(page)).toMatchObject({ Network: network, Notes: expect.stringMatching(notes) })
    await page.click('#sample')
    await faces(page, 2)
  })

  it('goes on with WebAssembly when the GPU is lost', async () => {
    const { page } = await open(SWIFTSHADER)
    await ready(page)
    await choose(page, 'provider', 'webgpu')
    await page.click('#sample')
    await faces(page, 2)
    await (await page.context().browser()!.newBrowserCDPSession()).send('Browser.crashGpuProcess')
    await page.click('#sample')
    expect(await alertOf(page)).toContain('The GPU was lost. WebAssembly takes its place')
    expect((await measured(page))['Network']).toBe('WebAssembly')
    await page.click('#sample')
    await status(page, '2 faces.')
    expect(await page.isHidden('#alert')).toBe(true)
  })
})
