import type { Outcome } from './outcome.ts'
import type { Figure } from './part.ts'
import { bestPeer } from './scenarios/tcp-figures.ts'

const MEBIBYTE = 1024 * 1024

/** Columns as wide as their widest cell; numbers to the right. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (rows.every((each) => /^(?:-?[\d.]+|-)$/.test(each[column]!)) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ').trimEnd()
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/** Every load of the run; the ratios are to the better rsyslog of the same scenario. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const ratio = (outcome: Outcome, of: (each: Outcome) => number): string => {
    const peer = bestPeer(outcomes.filter(({ scenario }) => scenario === outcome.scenario))
    return peer === undefined ? '-' : (of(outcome) / of(peer)).toFixed(2)
  }
  return table(
    ['scenario', 'receiver', 'sent', 'stored', 'counted', 'wall s', 'messages/s', 'x peer', 'CPU s', 'us/message', 'x peer', 'peak MiB', 'B/message', 'sender CPU s'],
    outcomes.map((outcome) => [
      outcome.scenario, outcome.receiver, String(outcome.sent), String(outcome.stored), String(outcome.counted), outcome.wallSeconds.toFixed(2), String(outcome.perSecond), ratio(outcome, ({ perSecond }) => perSecond),
      outcome.cost.cpuSeconds.toFixed(2), outcome.cpuMicrosPerMessage.toFixed(2), ratio(outcome, ({ cpuMicrosPerMessage }) => cpuMicrosPerMessage), String(Math.round(outcome.cost.peakBytes / MEBIBYTE)),
      outcome.diskBytesPerMessage.toFixed(1), outcome.sender.cpuSeconds.toFixed(2),
    ]),
  )
}

/** What was aimed at, what was measured, and whether that is enough; behind it where the time went of what is not. */
export function figureTable(figures: readonly Figure[]): string {
  const verdict = (reached: boolean | undefined): string => (reached === undefined ? 'not judged' : reached ? 'yes' : 'NO')
  const rows = table(['figure', 'what', 'aim', 'measured', 'reached'], figures.map(({ id, what, reach, got, reached }) => [id, what, reach, got, verdict(reached)]))
  const profiles = figures.filter(({ profile }) => profile !== undefined).map(({ id, profile }) => `  ${id}: ${profileText(profile!)}`)
  return profiles.length === 0 ? rows : `${rows}\n\nCPU seconds by thread of what was not reached\n${profiles.join('\n')}`
}

const profileText = (threads: Readonly<Record<string, number>>): string =>
  Object.entries(threads).sort(([, a], [, b]) => b - a).filter(([, seconds]) => seconds >= 0.05).map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(', ')
