import type { Severity } from '#domain/severity.ts'
import type { CliIo } from './io.ts'

/** Colours of the terminal's own palette, or none. */
export interface Paint {
  dim(text: string): string
  bold(text: string): string
  severity(text: string, severity: Severity): string
  /** The same name always has the same colour. */
  name(text: string): string
}

/** `auto`: on a terminal that has colours, unless `NO_COLOR` is set (no-color.org). A flag stands above the variable. */
export function choosePaint(choice: 'auto' | 'always' | 'never', { env, isTerminal }: Pick<CliIo, 'env' | 'isTerminal'>): Paint {
  const isQuiet = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return choice === 'always' || (choice === 'auto' && isTerminal && !isQuiet) ? COLOURS : PLAIN
}

const PLAIN: Paint = { dim: (text) => text, bold: (text) => text, severity: (text) => text, name: (text) => text }

const wrap = (codes: string, text: string): string => (text === '' ? '' : `\u001b[${codes}m${text}\u001b[0m`)
const SEVERITY_CODES: Readonly<Record<Severity, string>> = { emerg: '1;37;41', alert: '1;31', crit: '1;31', err: '31', warning: '33', notice: '1', info: '', debug: '2' }
const NAME_CODES = ['36', '32', '35', '34', '96', '92', '95', '94'] as const

const COLOURS: Paint = {
  dim: (text) => wrap('2', text),
  bold: (text) => wrap('1', text),
  severity: (text, severity) => (SEVERITY_CODES[severity] === '' ? text : wrap(SEVERITY_CODES[severity], text)),
  name: (text) => wrap(NAME_CODES[Buffer.from(text).reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7) % NAME_CODES.length]!, text),
}
