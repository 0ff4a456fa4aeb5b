import { cut, printable } from '#base/text.ts'
import { severityCode } from '#domain/severity.ts'
import { STAGE_NAMES } from '#domain/stages.ts'
import { BOOT_APP, LABEL, LABEL_SD_ID } from '#domain/wire.ts'

/** Longest text of a line by HTTP. */
const MAX_TEXT_LENGTH = 2000
const USER_FACILITY = 1
const DEFAULT_SEVERITY = 6

export interface BootLine {
  readonly text?: string | undefined
  readonly stage?: string | undefined
  readonly level?: string | undefined
  readonly session?: string | undefined
  readonly function?: string | undefined
}

/**
 * A line a node logs by HTTP, as the RFC 5424 frame it would have sent by syslog: without a host name, since the address
 * says who it is. Words that the wire contract does not know are left out.
 */
export function bootMessage({ text = '', stage, level, session, function: fn }: BootLine): string {
  const severity = severityCode(level ?? '') ?? DEFAULT_SEVERITY
  const labels = [
    LABEL.test(session ?? '') ? ` session="${session}"` : '',
    STAGE_NAMES.includes(stage ?? '') ? ` stage="${stage}"` : '',
    /^[A-Za-z0-9_.-]{1,64}$/.test(fn ?? '') ? ` function="${fn}"` : '',
  ].join('')
  const line = cut(printable(text.replaceAll('\t', ' ')), MAX_TEXT_LENGTH)
  return `<${USER_FACILITY * 8 + severity}>1 - - ${BOOT_APP} - - ${labels === '' ? '-' : `[${LABEL_SD_ID}${labels}]`} ${line === '' ? (stage ?? 'log') : line}\n`
}
