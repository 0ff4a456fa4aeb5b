import type { Figure } from './figures.ts'
import { peakMebibytes } from './figures.ts'
import type { Outcome } from './scenarios.ts'

/** Columns as wide as their widest cell; numbers to the right. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (rows.every((each) => /^-?[\d.]+$/.test(each[column]!)) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ').trimEnd()
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

export function outcomeTable(outcomes: readonly Outcome[]): string {
  return table(
    ['scenario', 'receiver', 'sent', 'stored', 'counted', 'wall s', 'messages/s', 'CPU s', 'us/message', 'peak MiB', 'B/message', 'sender CPU s'],
    outcomes.map((outcome) => [
      outcome.scenario, outcome.receiver, String(outcome.sent), String(outcome.stored), String(outcome.counted), outcome.wallSeconds.toFixed(2), String(outcome.perSecond),
      outcome.cost.cpuSeconds.toFixed(2), outcome.cpuMicrosPerMessage.toFixed(2), String(peakMebibytes(outcome)), outcome.diskBytesPerMessage.toFixed(1), outcome.sender.cpuSeconds.toFixed(2),
    ]),
  )
}

export function figureTable(figures: readonly Figure[]): string {
  const verdict = (reached: boolean | undefined): string => (reached === undefined ? 'not measured' : reached ? 'reached' : 'NOT REACHED')
  const rows = table(['figure', 'what', 'reach', 'got', ''], figures.map(({ id, what, reach, got, reached }) => [id, what, reach, got, verdict(reached)]))
  const profiles = figures.filter(({ profile }) => profile !== undefined).map(({ id, profile }) => `  ${id}: ${profileText(profile!)}`)
  return profiles.length === 0 ? rows : `${rows}\n\nCPU seconds by thread of what was not reached\n${profiles.join('\n')}`
}

const profileText = (threads: Readonly<Record<string, number>>): string =>
  Object.entries(threads).sort(([, a], [, b]) => b - a).filter(([, seconds]) => seconds >= 0.05).map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(', ')
