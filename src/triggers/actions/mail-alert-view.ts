import { cut, printable } from '#base/text.ts'
import { utcDay } from '#base/time.ts'
import { MAX_LINE_CHARACTERS, shownLines, type ShownLine } from './mail-lines.ts'
import type { RunbookPart } from './mail-runbook.ts'
import { isOver, type Links, type Surroundings, type ToldAlert, type ViewLimits } from './mail-story.ts'
import { plural, spokenDuration, spokenTime, spokenTimeNear, stateColour, stateWords, times } from './mail-words.ts'
import { TEXT_COLUMNS, wrapText } from './mail-wrap.ts'

/** One alert in full. */
export interface AlertView {
  readonly banner: string
  readonly colour: string
  readonly title: string
  readonly titleText: readonly string[]
  /** Under the banner of a mail with several alerts each has its own title. */
  readonly isTitled: boolean
  readonly status: string
  readonly statusText: readonly string[]
  readonly facts: readonly Fact[]
  readonly runbook: Runbook | undefined
  readonly links: readonly { readonly name: string; readonly href: string; readonly label: string }[]
  readonly linesTitle: string
  readonly linesTitleText: readonly string[]
  readonly lines: readonly ShownLine[]
  readonly contextNote: string
  readonly contextNoteText: readonly string[]
}
/** `more` stands behind the value, outside of its link. */
export interface Fact { readonly name: string; readonly isLong: boolean; readonly value: string; readonly more: string; readonly href: string; readonly label: string; readonly first: string; readonly rest: readonly string[] }
interface Runbook { readonly href: string; readonly text: string; readonly parts: readonly RunbookPart[]; readonly lines: readonly string[] }

const LABEL_COLUMNS = 10
const MAX_NAME_CHARACTERS = 60
const MAX_FIELDS = 12
const MAX_FIELD_CHARACTERS = 200
/** These are said elsewhere in the mail. */
const SAID = new Set(['node', 'session', 'severity', 'rule', 'title', 'rack', 'profile', 'state'])

interface AlertParts {
  readonly surroundings: Surroundings
  readonly links: Links
  readonly limits: ViewLimits
  readonly atMs: number
}

export function alertView(alert: ToldAlert, { surroundings, links, limits, atMs }: AlertParts): AlertView {
  const lines = limits.hasContext ? shownLines(surroundings.messages, alert) : []
  const day = surroundings.messages[0]?.receivedMs
  const linesTitle = `${alert.isSilence ? 'The last words of' : 'The log around it, of'} ${alert.node || 'its node'}${day === undefined ? '' : ` (${utcDay(day)}, UTC)`}`
  const status = statusOf(alert, atMs)
  const contextNote = limits.hasContext ? surroundings.note : 'The messages around it are left out: the mail server takes small mails only.'
  return {
    banner: stateWords(alert), colour: stateColour(alert), title: alert.title, titleText: wrapText(`${stateWords(alert)}: ${alert.title}`, TEXT_COLUMNS), isTitled: false,
    status, statusText: wrapText(status, TEXT_COLUMNS),
    facts: factsOf(alert, { links, isShown: lines.some(({ isHit }) => isHit) || alert.isSilence }),
    runbook: isOver(alert.telling) ? undefined : runbookOf(alert),
    links: linksOf(alert, links),
    linesTitle, linesTitleText: wrapText(linesTitle, TEXT_COLUMNS),
    lines,
    contextNote, contextNoteText: contextNote === '' ? [] : wrapText(`(${contextNote})`, TEXT_COLUMNS),
  }
}

/** Since when, how often, whether it goes on: the sentence under the title. */
function statusOf(alert: ToldAlert, atMs: number): string {
  const { sinceMs, lastMs, count, overMs } = alert
  const seen = count > 1 ? ` Seen ${times(count)}, last at ${spokenTimeNear(lastMs, sinceMs)}.` : ''
  const returned = alert.flaps > 0 ? ` It went and came back ${times(alert.flaps)}.` : ''
  const late = alert.isLate ? ' It is told late: the hub was not running when it happened.' : ''
  const who = alert.by === '' ? '' : ` by ${alert.by}`
  const note = alert.note === '' ? '' : `: ${alert.note}`
  const since = `since ${spokenTime(sinceMs)}`
  switch (alert.telling) {
    case 'firing':
      return `${capital(since)}.${seen}${returned}${late}`
    case 'still':
      return `Still going on, for ${spokenDuration(atMs - sinceMs)}, ${since}.${seen}${returned}`
    case 'escalated':
      return `Escalated: it goes on for ${spokenDuration(atMs - sinceMs)}, ${since}${note}.${seen}${returned}`
    case 'acknowledged':
      return `Somebody looks after it: acknowledged${who}${note}. It goes on ${since}.${seen}`
    case 'unacknowledged':
      return `Nobody looks after it any more${note}. It goes on ${since}.${seen}`
    case 'resolved':
    case 'fired-and-resolved': {
      const endMs = overMs ?? lastMs
      return `${alert.telling === 'resolved' ? 'Over' : 'Came and went'}: it lasted ${spokenDuration(endMs - sinceMs)}, from ${spokenTime(sinceMs)} to ${spokenTimeNear(endMs, sinceMs)}.${seen}${returned}`
    }
  }
}

function factsOf(alert: ToldAlert, { links, isShown }: { readonly links: Links; readonly isShown: boolean }): readonly Fact[] {
  const about = alert.facts.map(({ name, value }) => `${name} ${value}`).join(', ')
  const said = [alert.by, alert.note].filter((text) => text !== '').join(': ')
  const fields = Object.entries(alert.fields).filter(([name, value]) => !SAID.has(name) && value !== '')
  const facts: readonly (readonly [string, string, string | undefined, string?])[] = [
    ['Node', alert.node, links.node(alert.node), about === '' ? '' : ` (${about})`],
    ['Session', alert.session, links.session(alert.session)],
    ['Message', isShown || alert.text === '' ? '' : cut(alert.text, MAX_LINE_CHARACTERS), undefined],
    ['Over', isOver(alert.telling) ? `${alert.why}${said === '' ? '' : ` (${said})`}` : '', undefined],
    ...fields.slice(0, MAX_FIELDS).map(([name, value]) => [name, cut(value, MAX_FIELD_CHARACTERS), undefined] as const),
    ['', fields.length > MAX_FIELDS ? `and ${plural(fields.length - MAX_FIELDS, 'more field')}` : '', undefined],
    ['Rule', alert.rule === '' || isOver(alert.telling) || alert.why === '' ? alert.rule : `${alert.rule} (${alert.why})`, undefined],
    ['Owner', alert.owner, undefined],
  ]
  return facts.filter(([, value]) => value !== '').map(([name, value, href, more]) => fact({ name, value, href: href ?? '', more: more ?? '' }))
}

/** The name of a field may be long, so it then stands on a line of its own. */
function fact({ name: said, value, href, more }: Pick<Fact, 'name' | 'value' | 'href' | 'more'>): Fact {
  const name = cut(printable(said), MAX_NAME_CHARACTERS)
  const label = name.length < LABEL_COLUMNS ? name.padEnd(LABEL_COLUMNS) : `${name}: `
  const lines = wrapText(`${value}${more}`, TEXT_COLUMNS - LABEL_COLUMNS)
  const isOwnLine = label.length > LABEL_COLUMNS
  return { name, isLong: name.length > LABEL_COLUMNS + 4, value, more, href, label: isOwnLine ? label.trimEnd() : label, first: isOwnLine ? '' : (lines[0] ?? ''), rest: (isOwnLine ? lines : lines.slice(1)).map((line) => ' '.repeat(LABEL_COLUMNS) + line) }
}

/** A runbook is a line for people, an address, or both. Only http and https become a link. */
function runbookOf({ runbook, advice }: Pick<ToldAlert, 'runbook' | 'advice'>): Runbook | undefined {
  if (runbook === '') return undefined
  const href = /https?:\/\/[^\s<>"']+/.exec(runbook)?.[0].replace(/[).,;]+$/, '') ?? ''
  const text = runbook.replace(href, '').replace(/[\s:(–-]+[).,;]*$/, '').trim()
  const shown = [...advice.map(({ label, text: said }) => (label === '' ? said : `${label}: ${said}`)), text, href].filter((line) => line !== '')
  return { href, text, parts: advice, lines: shown.flatMap((line) => wrapText(line, TEXT_COLUMNS - 2)).map((line) => `  ${line}`) }
}

function linksOf(alert: ToldAlert, links: Links): AlertView['links'] {
  const all = [
    ['Open the alert', alert.id === 0 ? undefined : links.alert(alert.id)],
    ['See it in the log', alert.seq === 0 ? undefined : links.message(alert.seq)],
  ] as const
  return all.flatMap(([name, href]) => (href === undefined ? [] : [{ name, href, label: `${name}:`.padEnd(19) }]))
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
