import { cut } from '#base/text.ts'
import { ALERT_SEVERITIES } from '#domain/alert.ts'
import { alertView, type AlertView } from './mail-alert-view.ts'
import { isOver, type Links, type MailStory, type Surroundings, type ToldAlert, type ToldCommand, type ViewLimits } from './mail-story.ts'
import { worst } from './mail-subject.ts'
import { tableOf, worstAndNewest, type TableView } from './mail-table.ts'
import { OVER_COLOUR, plural, QUIET_COLOUR, SEVERITY_COLOURS, spokenTime, stateColour, stateWords } from './mail-words.ts'
import { TEXT_COLUMNS, wrapText } from './mail-wrap.ts'

/** What both forms of a mail show, as plain data: values are escaped by the renderer, nothing is joined to markup. */
export interface MailView extends Readonly<Record<string, unknown>> {
  /** In the coat of the banner: severity or state in words. */
  readonly banner: string
  readonly colour: string
  readonly heading: string
  readonly alerts: readonly AlertView[]
}

export interface ViewParts {
  readonly story: MailStory
  /** Of the alerts of `shownInFull`, in that order; of a command at 0. */
  readonly around: readonly Surroundings[]
  readonly links: Links
  readonly limits: ViewLimits
}

const MAX_BODY_LINES = 40
const MAX_BODY_CHARACTERS = 500

export function mailView(parts: ViewParts): MailView {
  const { story } = parts
  const top = head(story)
  const footerText = `Sent by the HPS hub to ${story.receiver} on ${spokenTime(story.atMs)}.`
  const common = {
    ...top, headingText: wrapText(`${top.banner}: ${top.heading}`, TEXT_COLUMNS), alerts: [], table: undefined, lead: [], leadText: '', body: [], bodyText: [],
    note: '', noteText: [], footerText, footer: wrapText(footerText, TEXT_COLUMNS), hubLink: parts.links.alerts() ?? '',
  }
  switch (story.kind) {
    case 'alerts':
    case 'digest':
      return { ...common, ...alertsView(story, parts) }
    case 'command': {
      const { command } = story
      const [surroundings = { messages: [], note: '' }] = parts.around
      const lines = bodyLines(command.body)
      return { ...common, alerts: [alertView(asAlert(command), { ...parts, surroundings, atMs: story.atMs })], body: lines, bodyText: wrapped(lines) }
    }
    case 'test': {
      const lead = `This mail was asked for by ${story.by || 'an operator'} to see whether mails of the hub ${story.hub} reach the receiver ${story.receiver}. They do: nothing else is to be done.`
      return { ...common, ...leadView(lead) }
    }
    case 'dead': {
      const lead = `${plural(story.outboxIds.length, 'notice')} to ${story.target} could not be delivered and will not be tried again: ${story.error}`
      const [id] = story.outboxIds
      const lines = [...story.titles.slice(0, MAX_BODY_LINES).map((title) => `- ${title}`), ...(id === undefined ? [] : [`hps outbox show ${id} tells more, hps outbox retry ${id} sends it again.`])]
      return { ...common, ...leadView(lead), body: lines, bodyText: wrapped(lines) }
    }
  }
}

function head(story: MailStory): { readonly banner: string; readonly colour: string; readonly heading: string } {
  switch (story.kind) {
    case 'command':
      return { banner: story.command.severity.toUpperCase(), colour: SEVERITY_COLOURS[story.command.severity], heading: story.command.title }
    case 'test':
      return { banner: 'TEST', colour: SEVERITY_COLOURS.info, heading: 'Mails of the hub arrive' }
    case 'dead':
      return { banner: 'NOT DELIVERED', colour: SEVERITY_COLOURS.error, heading: `Notices to ${story.target} do not arrive` }
    case 'alerts':
    case 'digest': {
      const only = story.kind === 'alerts' && story.alerts.length === 1 ? story.alerts[0] : undefined
      if (only !== undefined) return { banner: stateWords(only), colour: stateColour(only), heading: only.title }
      const first = worst(story.alerts)
      const colour = first === undefined ? QUIET_COLOUR : isOver(first.telling) ? OVER_COLOUR : SEVERITY_COLOURS[first.severity]
      return { banner: counted(story) || 'NOTHING OPEN', colour, heading: story.kind === 'digest' ? `Digest for ${story.receiver}` : `${plural(story.alerts.length + story.more, 'alert')} of ${ruleCount(story)}` }
    }
  }
}

/** Of alerts that the mail has no room for nothing but their number is known. */
const ruleCount = ({ alerts, more }: { readonly alerts: readonly ToldAlert[]; readonly more: number }): string => `${plural(new Set(alerts.map(({ rule }) => rule)).size, 'rule')}${more > 0 ? ' or more' : ''}`

/** `3 critical · 1 warning · 2 resolved · 9900 more` */
function counted({ alerts, more }: { readonly alerts: readonly ToldAlert[]; readonly more: number }): string {
  const open = alerts.filter(({ telling }) => !isOver(telling))
  const parts = ALERT_SEVERITIES.map((severity) => [open.filter((alert) => alert.severity === severity).length, severity] as const)
  return [...parts, [alerts.length - open.length, 'resolved'] as const, [more, 'more'] as const].filter(([count]) => count > 0).map(([count, word]) => `${count} ${word.toUpperCase()}`).join(' · ')
}

function alertsView(story: Extract<MailStory, { kind: 'alerts' | 'digest' }>, parts: ViewParts): Partial<MailView> & { readonly table: TableView | undefined } {
  const { alerts, more, atMs } = story
  const isTable = story.kind === 'digest' || alerts.length > 1
  const full = shownInFull(story, parts.limits)
  const left = alerts.length - full.length
  const note = [
    ...(isTable && full.length > 0 && left > 0 ? [`${plural(left, 'more alert')} ${left === 1 ? 'is' : 'are'} in the table only.`] : []),
    ...(more > 0 ? [`${plural(more, 'more alert')} ${more === 1 ? 'is' : 'are'} not in this mail; the hub shows all of them.`] : []),
  ].join(' ')
  return {
    ...leadView(story.lead),
    ...commandsView(story.commands),
    alerts: full.map((alert, at) => ({ ...alertView(alert, { ...parts, surroundings: parts.around[at] ?? { messages: [], note: '' }, atMs }), isTitled: isTable })),
    table: isTable ? tableOf(alerts, { links: parts.links, maxRows: parts.limits.rows, atMs }) : undefined,
    note, noteText: wrapText(note, TEXT_COLUMNS),
  }
}

const leadView = (lead: string) => ({ leadText: lead, lead: lead === '' ? [] : wrapText(lead, TEXT_COLUMNS) })

/** The worst of each rule before the second of any: a storm of one rule must not hide the others. Their place in this list is that of their surroundings. */
export function shownInFull({ kind, alerts }: Extract<MailStory, { kind: 'alerts' | 'digest' }>, { inFull }: ViewLimits): readonly ToldAlert[] {
  if (kind === 'digest') return []
  const open = alerts.filter(({ telling }) => !isOver(telling))
  const nth = new Map<string, number>()
  const ranked = (open.length > 0 ? open : alerts).toSorted(worstAndNewest).map((alert) => {
    const place = nth.get(alert.rule) ?? 0
    nth.set(alert.rule, place + 1)
    return { alert, place }
  })
  return ranked.toSorted((a, b) => a.place - b.place).slice(0, inFull).map(({ alert }) => alert)
}

/** Commands of nodes in a digest: a line each. */
function commandsView(commands: readonly ToldCommand[]) {
  const lines = commands.map(({ severity, title, node, atMs }) => `${severity.toUpperCase()} ${title} (${node}, ${spokenTime(atMs)})`)
  return { body: lines, bodyText: wrapped(lines) }
}

/** A command is shown as an alert without a record. */
const asAlert = (command: ToldCommand): ToldAlert => ({
  ...command, id: 0, rule: '', version: '1', telling: 'firing', threadTitle: command.title, why: '', sinceMs: command.atMs, lastMs: command.atMs, count: 1, flaps: 0, overMs: undefined,
  by: '', note: '', fields: {}, hits: [command.seq], text: '', runbook: '', advice: [], owner: '', isLate: false, isSilence: false,
})

/** What a node wrote: its own line breaks, and those that it could not send but as `\n`. */
function bodyLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n|\\n/).map((line) => cut(line, MAX_BODY_CHARACTERS))
  while (lines.at(-1) === '') lines.pop()
  return lines.length > MAX_BODY_LINES ? [...lines.slice(0, MAX_BODY_LINES), '…'] : lines
}
const wrapped = (lines: readonly string[]): readonly string[] => lines.flatMap((line) => wrapText(line, TEXT_COLUMNS))
