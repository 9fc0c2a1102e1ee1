export const root: string
export function run(command: string, args: string[], options?: object): void
export function has(command: string, args?: string[]): boolean
export function pnpmCommand(): [string, ...string[]]
export function pnpm(...args: string[]): void
export function useLocalModels(): void
export function setup(): void
