import type { RhythmView, SilenceView } from '#api/index.ts'
import { formatDuration } from '#base/duration.ts'
import type { Paint } from './color.ts'
import { facts, messageLine } from './output.ts'

/** How long, as people read it; null: not known. */
export const lengthOf = (ms: number | null): string | null => (ms === null ? null : formatDuration(ms < 60_000 ? ms : Math.round(ms / 1000) * 1000))

/** A silence in a line: who, by what. */
export const silentName = ({ subject, name, transport, expected, unheard }: SilenceView): string => {
  if (subject === 'hub') return `the hub hears nobody: ${unheard ?? 0} of ${expected ?? 0} are silent`
  return transport === null ? name : `${name} by ${transport}`
}

/** A rhythm, a silence and the last words as blocks of text. */
export function describeRhythm(rhythm: RhythmView, paint: Paint): string {
  const { silence } = rhythm
  const words = (title: string, messages: RhythmView['fatal']): string => (messages.length === 0 ? '' : `\n${paint.bold(title)}\n${messages.map((message) => messageLine(message, paint)).join('')}`)
  return [
    facts([
      [rhythm.subject, rhythm.name],
      ['silent since', silence?.since],
      ['why', silence?.means],
      ['noticed', silence?.noticed],
      ['last heard', silence === null ? (rhythm.spoke ?? 'never by itself') : null],
      ['usually quiet for at most', rhythm.usual_ms === null ? `not known yet: ${rhythm.gaps} gaps over ${formatDuration(rhythm.learned_ms) || '0s'}` : lengthOf(rhythm.usual_ms)],
      ['told after', lengthOf(rhythm.limit_ms)],
      ['stage', silence?.stage],
    ]),
    words('What tells of an end', rhythm.fatal),
    words(silence === null ? 'Latest messages' : 'Last words', rhythm.last_words),
  ].join('')
}
