import type { UserConfig } from 'tsdown'

/** One build shape for every package: ESM only, declarations by oxc, entries given as export name -> source file. */
export function library(entry: Record<string, string>, options: Partial<UserConfig> = {}): UserConfig {
  return {
    entry,
    format: 'esm',
    dts: { oxc: true },
    platform: 'neutral',
    target: 'es2022',
    clean: true,
    // Packages carry no sources that they could point at.
    sourcemap: false,
    fixedExtension: false,
    outDir: 'dist',
    ...options,
  }
}
