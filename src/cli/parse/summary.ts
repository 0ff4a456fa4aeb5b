import { DEVIATIONS, DIALECTS } from '#domain/dialects.ts'
import { FORMATS, PARSE_FAULTS } from '#domain/message.ts'
import type { ReadFrame } from '#ingest/index.ts'
import type { Paint } from '../color.ts'
import { table } from '../output.ts'

/** How many messages were read as what. Both maps are bounded by their catalogues. */
export interface Summary {
  readonly messages: number
  add(frame: ReadFrame): void
  text(paint: Paint): string
  view(): Readonly<Record<string, unknown>>
}

export function createSummary(): Summary {
  let messages = 0
  const dialects = new Map<string, number>()
  const deviations = new Map<string, number>()
  const count = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
  const dialectRows = () => FORMATS.flatMap((name) => (dialects.has(name) ? [{ name, count: dialects.get(name)!, means: DIALECTS[name], kind: 'dialect' }] : []))
  const deviationRows = () => PARSE_FAULTS.flatMap((name) => (deviations.has(name) ? [{ name, count: deviations.get(name)!, ...DEVIATIONS[name] }] : []))
  return {
    get messages() {
      return messages
    },
    add({ format, faults }) {
      messages++
      count(dialects, format)
      for (const fault of faults) count(deviations, fault)
    },
    text: (paint) =>
      table(
        [...dialectRows(), ...deviationRows()],
        [
          { title: 'MESSAGES', cell: ({ count: n }) => n, align: 'right' },
          { title: 'WHAT', cell: ({ name }) => name },
          { title: 'KIND', cell: ({ kind }) => kind },
          { title: 'MEANS', cell: ({ means }) => means },
        ],
        paint,
      ),
    view: () => ({ messages, dialects: dialectRows().map(({ name, count: n, means }) => ({ dialect: name, count: n, means })), deviations: deviationRows().map(({ name, count: n, kind, means, mend }) => ({ deviation: name, count: n, kind, means, mend })) }),
  }
}
