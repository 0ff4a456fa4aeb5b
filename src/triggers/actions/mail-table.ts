import { cut } from '#base/text.ts'
import { ALERT_SEVERITIES } from '#domain/alert.ts'
import { isOver, type Links, type ToldAlert } from './mail-story.ts'
import { plural, spokenDuration, spokenTimeNear, stateColour, stateWords, times } from './mail-words.ts'
import { TEXT_COLUMNS, wrapText } from './mail-wrap.ts'

/** Several alerts at a glance, by rule: the worst rule first, in it the worst and newest first. */
export interface TableView {
  readonly groups: readonly GroupView[]
  /** '' where all are there. */
  readonly more: string
}
interface GroupView {
  readonly rule: string
  readonly count: string
  readonly headingText: readonly string[]
  readonly rows: readonly RowView[]
  readonly more: string
}
interface RowView {
  readonly state: string
  readonly colour: string
  readonly title: string
  readonly when: string
  readonly href: string
  readonly first: string
  readonly rest: readonly string[]
}

/** Rows of one rule; a storm of one must not hide the others. A few above it are shown: a line that says so is no shorter. */
const MAX_ROWS_A_RULE = 10
const MAX_TITLE_CHARACTERS = 140

export function tableOf(alerts: readonly ToldAlert[], { links, maxRows, atMs }: { readonly links: Links; readonly maxRows: number; readonly atMs: number }): TableView {
  const byRule = [...Map.groupBy(alerts.toSorted(worstAndNewest), ({ rule }) => rule)]
  const groups: GroupView[] = []
  let left = maxRows
  for (const [rule, all] of byRule) {
    if (left <= 0) break
    const rows = all.slice(0, Math.min(left, all.length <= MAX_ROWS_A_RULE + 2 ? all.length : MAX_ROWS_A_RULE))
    left -= rows.length
    const count = plural(all.length, 'alert')
    groups.push({ rule, count, headingText: wrapText(`${rule}: ${count}`, TEXT_COLUMNS), rows: rows.map((alert) => rowOf(alert, { links, atMs })), more: all.length > rows.length ? `and ${all.length - rows.length} more of this rule` : '' })
  }
  const hidden = byRule.slice(groups.length).reduce((sum, [, all]) => sum + all.length, 0)
  return { groups, more: hidden === 0 ? '' : `and ${plural(hidden, 'alert')} of ${plural(byRule.length - groups.length, 'more rule')}` }
}

const rank = ({ telling, severity }: ToldAlert): number => (isOver(telling) ? ALERT_SEVERITIES.length : 0) + ALERT_SEVERITIES.indexOf(severity)
export const worstAndNewest = (a: ToldAlert, b: ToldAlert): number => rank(a) - rank(b) || b.sinceMs - a.sinceMs || b.id - a.id

function rowOf(alert: ToldAlert, { links, atMs }: { readonly links: Links; readonly atMs: number }): RowView {
  const state = stateWords(alert)
  const title = cut(alert.title, MAX_TITLE_CHARACTERS)
  const lasted = isOver(alert.telling) ? `lasted ${spokenDuration((alert.overMs ?? alert.lastMs) - alert.sinceMs)}` : `for ${spokenDuration(Math.max(0, atMs - alert.sinceMs))}`
  const when = [spokenTimeNear(alert.sinceMs, atMs), lasted, ...(alert.count > 1 ? [times(alert.count)] : []), ...(alert.by === '' ? [] : [`by ${alert.by}`])].join(', ')
  const [first = '', ...rest] = wrapText(`${state}  ${title} (${when})`, TEXT_COLUMNS - 4)
  return { state, colour: stateColour(alert), title, when, href: alert.id === 0 ? '' : (links.alert(alert.id) ?? ''), first: `  ${first}`, rest: rest.map((line) => `    ${line}`) }
}
