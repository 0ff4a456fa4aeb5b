/** placeholder replaced below */
export const requiredLiteral = (_pattern: string): string | undefined => undefined
