import type { AlertMatcher } from './alert.ts'

/** Matchers of one silence, characters of each of their parts. */
export const MAX_MATCHERS = 16
const MAX_VALUE_CHARACTERS = 512
const TEXT = /^(?<field>[A-Za-z_][\w.-]{0,63})(?<sign>!=|=|~)(?<value>.*)$/s
const SIGNS = { '=': 'equal', '!=': 'unequal', '~': 'like' } as const

/** `field=value`, `field!=value` or `field~beginning*`; undefined: it is none of them. */
export function parseMatcher(text: string): AlertMatcher | undefined {
  const parts = TEXT.exec(text)?.groups
  if (parts === undefined) return undefined
  const is = SIGNS[parts['sign'] as keyof typeof SIGNS]
  const value = parts['value']!
  if (value.length > MAX_VALUE_CHARACTERS) return undefined
  // without its star a beginning would be taken for the whole
  return is === 'like' && !value.endsWith('*') ? undefined : { field: parts['field']!, is, value }
}

export const printMatcher = ({ field, is, value }: AlertMatcher): string => `${field}${is === 'equal' ? '=' : is === 'unequal' ? '!=' : '~'}${value}`

/** Whether all matchers hold. A field that is not there is not equal to anything, and like nothing. */
export const matchesAll = (matchers: readonly AlertMatcher[], valueOf: (field: string) => string | undefined): boolean =>
  matchers.every(({ field, is, value }) => {
    const own = valueOf(field)
    if (is === 'equal') return own === value
    if (is === 'unequal') return own !== value
    return own?.startsWith(value.slice(0, -1)) === true
  })
