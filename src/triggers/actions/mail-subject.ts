import { cut } from '#base/text.ts'
import { ALERT_SEVERITIES } from '#domain/alert.ts'
import { isOver, type MailStory, type ToldAlert } from './mail-story.ts'
import { plural, stateWords } from './mail-words.ts'

/** Longer subjects are cut by every mail program, and by some servers. */
const MAX_SUBJECT_CHARACTERS = 200

/**
 * Mail programs put mails with one subject into one thread, and some leave what is in brackets out of the comparison. So the state,
 * which changes, stands in brackets, and outside of them what tells one alert from another and never changes: no count, no time.
 */
export function mailSubject(story: MailStory): string {
  return cut(headerText(subjectOf(story)), MAX_SUBJECT_CHARACTERS)
}

function subjectOf(story: MailStory): string {
  switch (story.kind) {
    case 'command':
      return `[${story.command.severity.toUpperCase()}] ${unbracketed(story.command.title)}`
    case 'test':
      return `[TEST] mail of the HPS hub ${story.hub} to ${story.receiver}`
    case 'dead':
      return `[NOT DELIVERED] notices to ${unbracketed(story.target)}`
    case 'digest':
      return `[DIGEST: ${countsOf(story)}] alerts for ${story.receiver}`
    case 'alerts': {
      const [only] = story.alerts
      if (only !== undefined && story.alerts.length === 1) return `[${stateWords(only)}] ${unbracketed(only.threadTitle)}`
      const rules = new Set(story.alerts.map(({ rule }) => rule))
      return `[${countsOf(story)}] ${worst(story.alerts)?.rule ?? 'alerts'}${rules.size > 1 ? ` and ${plural(rules.size - 1, 'more rule')}` : ''}`
    }
  }
}

/** `3 CRITICAL, 1 WARNING, 2 RESOLVED`; `9900 MORE`: beside those that the mail has room for. */
function countsOf({ alerts, more }: { readonly alerts: readonly ToldAlert[]; readonly more: number }): string {
  const open = alerts.filter(({ telling }) => !isOver(telling))
  const parts = ALERT_SEVERITIES.map((severity) => [open.filter((alert) => alert.severity === severity).length, severity.toUpperCase()] as const)
  const all = [...parts, [alerts.length - open.length, 'RESOLVED'] as const, [more, 'MORE'] as const].filter(([count]) => count > 0)
  return all.length === 0 ? 'NOTHING OPEN' : all.map(([count, word]) => `${count} ${word}`).join(', ')
}

/** The most severe of those that go on, or of all. */
export function worst(alerts: readonly ToldAlert[]): ToldAlert | undefined {
  const open = alerts.filter(({ telling }) => !isOver(telling))
  const among = open.length > 0 ? open : alerts
  return ALERT_SEVERITIES.map((severity) => among.find((alert) => alert.severity === severity)).find((alert) => alert !== undefined)
}

/** Brackets of a title would be taken for those of the state. */
const unbracketed = (text: string): string => text.replaceAll('[', '(').replaceAll(']', ')')

/** One line without control characters and without what directs bidirectional text: a header cannot be ended, nor a subject reversed, by what a log line says; nor does it become an encoded word (RFC 2047), which would be all of that again. */
export const headerText = (text: string): string =>
  text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- control characters are what is removed
    .replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]+/g, ' ')
    .replaceAll('=?', '= ?')
    .replace(/ {2,}/g, ' ')
    .trim()
