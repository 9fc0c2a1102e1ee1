export function shared(path: string): string | undefined
