import type { MailStory } from './mail-story.ts'
import { headerText, worst } from './mail-subject.ts'

/** Values of one header field; longer ones are folded, and shown by nobody. */
const MAX_NAMES = 20
const MAX_HEADER_CHARACTERS = 500

/**
 * Headers beside those of every mail. `Precedence` is left out: RFC 3834 section 5 has `Auto-Submitted` in its stead, and `bulk` is what spam filters
 * look for. `List-Unsubscribe` is left out as well: nobody unsubscribes by mail, receivers stand in `routes.yaml`.
 */
export function mailHeaders(story: MailStory, domain: string): Readonly<Record<string, string>> {
  return {
    'Auto-Submitted': 'auto-generated', // RFC 3834 section 5
    'X-Auto-Response-Suppress': 'All',
    'List-Id': `HPS hub alerts <alerts.${domain}>`, // RFC 2919
    'X-HPS-Kind': story.kind,
    'X-HPS-Receiver': headerText(story.receiver),
    ...about(story),
    ...(isUrgent(story) ? { Importance: 'high', 'X-Priority': '1 (Highest)' } : {}), // RFC 2156 section 5.3.4, and what everybody reads
  }
}

function about(story: MailStory): Readonly<Record<string, string>> {
  switch (story.kind) {
    case 'command':
      return { 'X-HPS-Rule': 'hps-trigger', 'X-HPS-Severity': story.command.severity, 'X-HPS-Node': names([story.command.node]) }
    case 'alerts':
    case 'digest': {
      const { alerts } = story
      const first = worst(alerts)
      if (first === undefined) return {}
      const ids = alerts.map(({ id }) => id).filter((id) => id !== 0)
      return {
        'X-HPS-Rule': names(alerts.map(({ rule }) => rule)), 'X-HPS-Severity': first.severity, 'X-HPS-Node': names(alerts.map(({ node }) => node)),
        'X-HPS-State': names(alerts.map(({ telling }) => telling)), ...(ids.length === 0 ? {} : { 'X-HPS-Alert': ids.slice(0, MAX_NAMES).join(', ') }),
      }
    }
    case 'test':
    case 'dead':
      return {}
  }
}

const names = (all: readonly string[]): string => headerText([...new Set(all)].filter((name) => name !== '').slice(0, MAX_NAMES).join(', ')).slice(0, MAX_HEADER_CHARACTERS).toWellFormed()

/** Said loudly when something critical begins or goes on, never when it is over. */
const isUrgent = (story: MailStory): boolean => {
  if (story.kind === 'command') return story.command.severity === 'critical'
  return story.kind === 'alerts' && story.alerts.some(({ severity, telling }) => severity === 'critical' && (telling === 'firing' || telling === 'escalated' || telling === 'unacknowledged'))
}
