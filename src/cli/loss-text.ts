import type { LossesBy, LossesView, LossGroupView, LossReasonView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { Paint } from './color.ts'
import { table, type Column } from './output.ts'

/** The verdict first, then why with what mends it, then of whom: for a terminal, nothing in it can move the cursor. */
export function describeLosses(losses: LossesView, paint: Paint): string {
  const isBad = losses.lost + losses.missing + losses.cut > 0
  const verdict = `${isBad ? paint.severity(printable(losses.verdict), 'err') : printable(losses.verdict)}\n`
  const reasons = losses.reasons.length === 0 ? '' : `\n${losses.reasons.map((reason) => describeReason(reason, paint)).join('')}`
  if (losses.groups.length === 0 || losses.by === 'reason') return `${verdict}${reasons}`
  const others = losses.others === 0 ? '' : `and ${losses.others} more; all with -n 1000\n`
  return `${verdict}${reasons}\n${table(losses.groups, columnsOf(losses), paint)}${others}`
}

function describeReason({ reason, count, means, mend, first, last }: LossReasonView, paint: Paint): string {
  const when = first === last ? first : `${first} to ${last}`
  return `${paint.bold(`${count} ${printable(reason)}`)}  ${paint.dim(when)}\n  ${printable(means)}\n${mend === '' ? '' : `  ${paint.dim('mend:')} ${printable(mend)}\n`}`
}

const TITLES: Readonly<Record<LossesBy, string>> = { reason: 'REASON', source: 'SOURCE', listener: 'LISTENER', session: 'SESSION', hour: 'HOUR' }

/** Columns in which nothing stands are left out, but the sum of what was lost. */
function columnsOf({ by, groups }: LossesView): readonly Column<LossGroupView>[] {
  const hasAny = (name: 'shed' | 'dropped' | 'cut' | 'missing' | 'passed_over' | 'doubled'): boolean => groups.some((group) => group[name] > 0)
  const counts = [
    { title: 'SHED', name: 'shed' }, { title: 'DROPPED', name: 'dropped' }, { title: 'MISSING', name: 'missing' },
    { title: 'CUT', name: 'cut' }, { title: 'PASSED OVER', name: 'passed_over' }, { title: 'DOUBLED', name: 'doubled' },
  ] as const
  const ever: readonly Column<LossGroupView>[] = groups.every((group) => group.ever === null) ? [] : [
    { title: 'EVER RECEIVED', cell: (group) => group.ever?.received, align: 'right' },
    { title: 'EVER STORED', cell: (group) => group.ever?.stored, align: 'right' },
    { title: 'EVER LOST', cell: (group) => group.ever?.lost, align: 'right' },
  ]
  return [
    { title: TITLES[by], cell: (group) => group.name },
    { title: 'LOST', cell: (group) => group.lost, align: 'right' },
    ...counts.filter(({ name }) => hasAny(name)).map(({ title, name }): Column<LossGroupView> => ({ title, cell: (group) => group[name], align: 'right' })),
    ...ever,
    ...(by === 'hour' ? [] : [{ title: 'LAST', cell: (group: LossGroupView) => group.last }]),
  ]
}
