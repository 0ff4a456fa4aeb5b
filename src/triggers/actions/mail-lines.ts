import { cut } from '#base/text.ts'
import { utcDay } from '#base/time.ts'
import { isFatal } from '#domain/last-words.ts'
import type { StoredMessage } from '#domain/message.ts'
import { SEVERITY_COLOURS } from './mail-words.ts'
import { TEXT_COLUMNS, wrapText } from './mail-wrap.ts'

/** Longer messages are cut; the whole of them is behind the link. */
export const MAX_LINE_CHARACTERS = 500
const GRAVE = new Set<StoredMessage['severity']>(['emerg', 'alert', 'crit', 'err'])
const QUIET_BAR = '#cbd5e1'
const INDENT = 2

/** A message as it is shown. */
export interface ShownLine {
  /** The message that is meant, or one that tells of an end; said by a sign and a word, not by colour alone. */
  readonly mark: string
  readonly isHit: boolean
  readonly bar: string
  /** What changes with it: another boot session, another day; '' for nothing. */
  readonly divider: string
  readonly time: string
  readonly who: string
  readonly text: string
  /** The same for the text part: the first line and those that follow. */
  readonly first: string
  readonly rest: readonly string[]
}

/** Messages that matched are marked; of last words those that tell of an end. */
export function shownLines(messages: readonly StoredMessage[], { hits, isSilence }: { readonly hits: readonly number[]; readonly isSilence: boolean }): readonly ShownLine[] {
  return messages.map((message, at) => {
    const { receivedMs, app, host, severity } = message
    const isHit = isSilence ? isFatal(message) : hits.includes(message.seq)
    const time = new Date(receivedMs).toISOString().slice(11, 23)
    const who = `${app || host || '-'}${GRAVE.has(severity) || severity === 'warning' ? ` ${severity}` : ''}`
    const text = cut(message.text, MAX_LINE_CHARACTERS)
    const [first = '', ...rest] = wrapText(`${time} ${who}: ${text}`, TEXT_COLUMNS - 2 * INDENT)
    const before = messages[at - 1]
    return {
      mark: isHit ? '▶' : '', isHit, bar: isHit ? SEVERITY_COLOURS.critical : QUIET_BAR, divider: before === undefined ? '' : dividerOf(before, message),
      time, who, text, first: `${isHit ? '>' : ' '} ${first}`, rest: rest.map((line) => `${' '.repeat(INDENT + 2)}${line}`),
    }
  })
}

function dividerOf(before: StoredMessage, message: StoredMessage): string {
  const day = utcDay(message.receivedMs)
  return [...(day === utcDay(before.receivedMs) ? [] : [day]), ...(message.sessionId === before.sessionId || message.sessionId === 0 ? [] : ['another boot'])].join(', ')
}
