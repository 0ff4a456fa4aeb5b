import { cut } from '#base/text.ts'
import { formatUtc } from '#base/time.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { Notice } from '../notice.ts'
import type { RuleSeverity } from '../protocol.ts'

/** Dark enough for white letters, and told apart by the word above as well. */
const COLOURS: Readonly<Record<RuleSeverity, string>> = { critical: '#991b1b', error: '#c2410c', warning: '#a16207', info: '#1d4ed8' }
const QUIET_BAR = '#e5e7eb'
const MAX_LINE_CHARACTERS = 500
const MAX_BODY_LINES = 40

export interface MailView extends Readonly<Record<string, unknown>> {
  readonly title: string
}

export interface ViewParts {
  readonly notice: Notice
  /** Messages around the one that matched, in order; it is among them. */
  readonly context: readonly StoredMessage[]
  /** Why there is no context. */
  readonly contextNote: string | undefined
  readonly link: string | undefined
}

/** What both forms of the mail show, as plain data. */
export function mailView({ notice, context, contextNote, link }: ViewParts): MailView {
  const colour = COLOURS[notice.severity]
  const isCommand = notice.kind === 'command'
  const lines = context.map((message) => ({
    time: formatUtc(message.receivedMs).slice(11, 23), app: message.app || message.host, severity: message.severity, text: cut(message.text, MAX_LINE_CHARACTERS),
    isHit: message.seq === notice.seq, mark: message.seq === notice.seq ? '>' : ' ', bar: message.seq === notice.seq ? colour : QUIET_BAR,
  }))
  return {
    title: notice.title,
    severity: notice.severity,
    colour,
    node: notice.node || notice.host || 'unknown',
    session: notice.session,
    received: formatUtc(notice.receivedMs),
    first: formatUtc(notice.firstMs),
    rule: notice.rule,
    version: notice.version,
    count: notice.count,
    isRepeat: notice.count > 1,
    fields: Object.entries(notice.fields).map(([name, value]) => ({ name, value })),
    owner: notice.owner ?? '',
    runbook: notice.runbook ?? '',
    link: link ?? '',
    hasLinks: link !== undefined || notice.runbook !== undefined,
    body: isCommand ? bodyLines(notice.text) : lines.some((line) => line.isHit) ? [] : [cut(notice.text, MAX_LINE_CHARACTERS)],
    lines,
    linesTitle: 'Messages of this node around it:',
    contextNote: contextNote ?? '',
  }
}

function bodyLines(text: string): string[] {
  const lines = text.split(/\r?\n|\\n/)
  return lines.length > MAX_BODY_LINES ? [...lines.slice(0, MAX_BODY_LINES), '…'] : lines.filter((line, index) => line !== '' || index > 0)
}
