import { cut } from '#base/text.ts'
import { ALERT_REASONS } from '#domain/alert.ts'
import { SILENCE_RULE } from '#domain/silence.ts'
import type { OutboxRow } from '#store/index.ts'
import { FINDING_REASONS, type FindingReason } from '../finding.ts'
import { readNotice, type Notice, type NoticeAlert, type NoticeCommand } from '../notice.ts'
import type { RunbookPart } from './mail-runbook.ts'
import { isOver, type MailStory, type ToldAlert, type ToldCommand } from './mail-story.ts'

/** What a person wants to know of a node beside its name. */
export interface Facts { readonly labels: Readonly<Record<string, string>>; readonly profile?: string | undefined; readonly state: string }

export interface StoryLookups {
  /** Facts of a node now; undefined: it is not known any more. */
  readonly facts: (nodeId: number) => Facts | undefined
  /** What a runbook of the program says; empty: it is none of those. */
  readonly runbook: (reference: string) => readonly RunbookPart[]
  readonly clock: () => number
  /** This hub, for people. */
  readonly hubName: string
}

/** A row of the outbox as a mail tells it, and the mails that it answers. */
export interface MailTask { readonly story: MailStory; readonly threads: readonly string[] }

const MAX_FACTS = 6
/** Longer names and texts are cut: a mail is read, and a hostile name is not. */
const MAX_NAME_CHARACTERS = 80
const MAX_TITLE_CHARACTERS = 300
const MAX_TEXT_CHARACTERS = 1000
const nameOf = (text: string): string => cut(text, MAX_NAME_CHARACTERS)
const titleOf = (text: string): string => cut(text, MAX_TITLE_CHARACTERS)
const textOf = (text: string): string => cut(text, MAX_TEXT_CHARACTERS)

export function taskOf(row: Pick<OutboxRow, 'receiver' | 'payload' | 'alertId'>, lookups: StoryLookups): MailTask {
  const notice = readNotice(row)
  const threads = notice.kind === 'alerts' || notice.kind === 'digest' ? notice.alerts.map(({ thread }) => thread).filter((thread) => thread !== '') : []
  return { story: storyOf(notice, lookups), threads }
}

function storyOf(notice: Notice, lookups: StoryLookups): MailStory {
  const { facts, clock, hubName } = lookups
  const common = { receiver: notice.receiver, atMs: clock() }
  switch (notice.kind) {
    case 'alerts':
    case 'digest':
      return { ...common, kind: notice.kind, alerts: notice.alerts.map((alert) => toldAlert(alert, lookups)), more: notice.more, lead: textOf(notice.lead), commands: notice.commands.map((command) => toldCommand(command, facts)) }
    case 'command':
      return { ...common, kind: 'command', command: toldCommand(notice.command, facts) }
    case 'test':
      return { ...common, kind: 'test', by: nameOf(notice.by), hub: hubName }
    case 'dead':
      return { ...common, kind: 'dead', target: `${notice.channel} ${nameOf(notice.to)}`, error: textOf(notice.error), outboxIds: notice.outboxIds, titles: notice.titles.map(titleOf) }
  }
}

const toldCommand = (command: NoticeCommand, facts: StoryLookups['facts']): ToldCommand => ({
  ...command, title: titleOf(command.title), node: nameOf(command.node), session: nameOf(command.session), facts: shownFacts(facts(command.nodeId)),
})

/** Where it began, while that is news; where it stands, when it goes on or is over. */
function toldAlert(alert: NoticeAlert, { facts, runbook }: Pick<StoryLookups, 'facts' | 'runbook'>): ToldAlert {
  const { firstMs, lastMs, firstSeq, lastSeq, telling, by, note, rule } = alert
  const isNews = telling === 'firing' || telling === 'escalated' || telling === 'fired-and-resolved'
  const finding = FINDING_REASONS[note as FindingReason] as string | undefined
  return {
    ...alert, rule: nameOf(rule), title: titleOf(alert.title), threadTitle: titleOf(alert.threadTitle), node: nameOf(alert.node), session: nameOf(alert.session), owner: textOf(alert.owner), runbook: textOf(alert.runbook), advice: isOver(telling) ? [] : runbook(alert.runbook), facts: shownFacts(facts(alert.nodeId)), sinceMs: firstMs, lastMs, seq: isNews && firstSeq !== 0 ? firstSeq : lastSeq, hits: [firstSeq, lastSeq].filter((seq) => seq !== 0),
    why: finding ?? (isOver(telling) || alert.reason !== 'found' ? ALERT_REASONS[alert.reason] : ''), by: nameOf(by), note: finding === undefined ? textOf(note) : '',
    isSilence: (rule === SILENCE_RULE || note === 'absent' || note === FINDING_REASONS.absent) && !isOver(telling),
  }
}

/** Labels first, as people write them on doors, then what the hub knows. */
function shownFacts(facts: Facts | undefined): ToldAlert['facts'] {
  if (facts === undefined) return []
  const all = [...Object.entries(facts.labels), ['profile', facts.profile ?? ''] as const, ['state', facts.state] as const]
  return all.filter(([, value]) => value !== '').slice(0, MAX_FACTS).map(([name, value]) => ({ name: nameOf(name), value: nameOf(value) }))
}
