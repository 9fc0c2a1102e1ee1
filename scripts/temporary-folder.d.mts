/**
 * The path of a temporary folder of the suite that asks. It is there while the suite runs: a suite that is skipped leaves none.
 * @param name what it is for
 */
export function temporaryFolder(name: string): string
