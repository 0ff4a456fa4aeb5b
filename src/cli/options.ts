import { InvalidArgumentError, Option } from 'commander'
import { parseDurationMs } from '#base/duration.ts'
import { severityCode } from '#domain/severity.ts'
import { OUTPUTS, type Output } from './output.ts'

/** Options that several commands share, checked while they are read. */
export const outputOption = (outputs: readonly Output[] = OUTPUTS): Option => new Option('-o, --output <form>', 'form of the output').choices(outputs).default('text')

export const listOutputOption = (): Option => outputOption(['text', 'json'])

export const selectionOptions = (): Option[] => [
  new Option('--node <name>', 'only messages about this node'),
  new Option('-b, --boot <session>', 'only messages of this boot session: a hash, `#<id>`, or with --node 0 for its latest boot, -1 for the one before'),
  new Option('-p, --priority <severity>', 'only messages of this severity or worse (emerg, alert, crit, err, warning, notice, info, debug)').argParser(severity),
]

export const timeOptions = (): Option[] => [
  new Option('-S, --since <time>', 'only messages received since: 15m (ago), today, yesterday, "2026-11-22 14:30", or RFC 3339'),
  new Option('-U, --until <time>', 'only messages received before'),
]

/** A count of lines, or `all`. */
export function lineCount(text: string): number {
  if (text === 'all') return Infinity
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number or `all`.')
  return Number(text)
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

export function duration(text: string): string {
  if ((parseDurationMs(text) ?? 0) <= 0) throw new InvalidArgumentError('It must be a duration like 90s, 12h or 30d.')
  return text
}

function severity(text: string): string {
  if (severityCode(text) === undefined) throw new InvalidArgumentError('It must be emerg, alert, crit, err, warning, notice, info, debug, or 0 to 7.')
  return text
}

/** For options that may be given more than once. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value]

/** `rack=r1` as a pair; `rack=` removes the label. */
export function collectLabel(text: string, before: Readonly<Record<string, string | null>> | undefined): Readonly<Record<string, string | null>> {
  const at = text.indexOf('=')
  if (at <= 0) throw new InvalidArgumentError('It must be name=value, or name= to remove the label.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) || null }
}

export function wholePort(text: string): number {
  const port = wholeNumber(text)
  if (port > 65_535) throw new InvalidArgumentError('It must be a port from 0 to 65535.')
  return port
}
