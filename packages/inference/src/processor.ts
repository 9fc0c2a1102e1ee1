import { open } from 'node:fs/promises'
import { arch, cpus } from 'node:os'

/** The first processor's lines come first, and those of hundreds are slow to print. */
const CPUINFO_BYTES = 16_384

/**
 * The processor's model and, on Linux, its instruction sets: virtual machines name models such as "AMD EPYC", of which some have wider vectors
 * than others.
 */
export async function describeProcessor(): Promise<string> {
  return [arch(), cpus()[0]?.model, instructionSets(await readStart('/proc/cpuinfo'))].join('\n')
}

/** What Linux lists as an x64 processor's "flags" or an Arm one's "Features"; empty where it lists none. */
export function instructionSets(cpuinfo: string): string {
  return /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? ''
}

async function readStart(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ''
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CPUINFO_BYTES), 0, CPUINFO_BYTES, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
