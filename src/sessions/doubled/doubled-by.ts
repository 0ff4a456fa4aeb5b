/** What tells that a message came before: its number, or that a connection began with it which follows a broken one. */
export const DOUBLED_BY = ['number', 'relp'] as const
export type DoubledBy = (typeof DOUBLED_BY)[number]
