import { HINT, type Batch } from '#domain/batch.ts'
import { FORMAT } from './fault-bits.ts'

/** A part of a frame and what it was read as; `version`, `time`, `priority` and `clock` are found again for show, the others are the row's own spans. */
export interface FieldSpan {
  readonly field: 'priority' | 'version' | 'time' | 'host' | 'app' | 'procid' | 'msgid' | 'structuredData' | 'label' | 'clock' | 'text'
  readonly from: number
  readonly to: number
}

const COLUMN_FIELDS = [
  ['host', 'hostOff', 'hostLen'], ['app', 'appOff', 'appLen'], ['procid', 'procOff', 'procLen'], ['msgid', 'msgidOff', 'msgidLen'],
  ['structuredData', 'sdOff', 'sdLen'], ['label', 'labelOff', 'labelLen'], ['text', 'textOff', 'textLen'],
] as const
/** What stands between the fields of a header and belongs to none. */
const BETWEEN = /^[ :,;-]+|[ :,;-]+$/g

/** Which bytes of a row's frame were read as what, in their order. @param rawBytes length of what was received: an appended name has no span */
export function fieldSpans(batch: Batch, row: number, rawBytes: number): readonly FieldSpan[] {
  const start = batch.frameStart[row]!
  const raw = Buffer.from(batch.bytes.subarray(start, start + rawBytes)).toString('latin1')
  const spans: FieldSpan[] = COLUMN_FIELDS.flatMap(([field, off, len]) => {
    const from = batch[off][row]!
    const to = from + batch[len][row]!
    return to > from && to <= rawBytes ? [{ field, from, to }] : []
  })
  const header = { raw, end: Math.min(batch.textOff[row]!, rawBytes), format: batch.format[row]! }
  spans.push(...prioritySpan(header, batch.procOff[row]!))
  if (!Number.isNaN(batch.sentMs[row]!)) spans.push(...timeSpans(header, spans))
  else if (header.format === FORMAT.kmsg) spans.push(...timeSpans(header, spans).map((span) => ({ ...span, field: 'clock' as const })))
  if (header.format !== FORMAT.kmsg) spans.push(...clockSpan(raw, spans, batch.hints[row]!))
  return spans.sort((a, b) => a.from - b.from || b.to - a.to)
}

interface Header { readonly raw: string; readonly end: number; readonly format: number }

/** `<14>`, or the level of a kernel record, which stands before its number. */
function prioritySpan({ raw, format }: Header, procAt: number): FieldSpan[] {
  if (format === FORMAT.kmsg) {
    const level = /(\d+),$/.exec(raw.slice(0, procAt))?.[1]
    return level === undefined ? [] : [{ field: 'priority', from: procAt - 1 - level.length, to: procAt - 1 }]
  }
  const length = /^<\d{0,5}>/.exec(raw)?.[0].length
  return length === undefined ? [] : [{ field: 'priority', from: 0, to: length }]
}

/** The stamp is the longest stretch of the header with a digit in it that no field has; the version of RFC 5424 stands before it. */
function timeSpans({ raw, end, format }: Header, spans: readonly FieldSpan[]): FieldSpan[] {
  let best: FieldSpan | undefined
  let at = 0
  const others = spans.filter(({ field, from }) => field !== 'text' && field !== 'label' && from < end).sort((a, b) => a.from - b.from)
  for (const { from, to } of [...others, { from: end, to: end }]) {
    const gap = trimmed(raw, at, from)
    if (/\d/.test(raw.slice(gap.from, gap.to)) && gap.to - gap.from > (best === undefined ? 0 : best.to - best.from)) best = { field: 'time', ...gap }
    at = Math.max(at, to)
  }
  if (best === undefined) return []
  const version = format === FORMAT.rfc5424 || format === FORMAT.journal || format === FORMAT.ndjson ? /^\d{1,3} /.exec(raw.slice(best.from, best.to))?.[0].length : undefined
  if (version === undefined) return [best]
  return [{ field: 'version', from: best.from, to: best.from + version - 1 }, { field: 'time', from: best.from + version, to: best.to }]
}

function trimmed(raw: string, from: number, to: number): { from: number; to: number } {
  const text = raw.slice(from, to)
  const [left = ''] = /^[ :,;-]+/.exec(text) ?? []
  return { from: from + left.length, to: from + Math.max(left.length, text.replace(BETWEEN, '').length + left.length) }
}

/** `[   12.345678]` where the text begins, perhaps behind a label. */
function clockSpan(raw: string, spans: readonly FieldSpan[], hints: number): FieldSpan[] {
  const text = spans.find(({ field }) => field === 'text')
  if (text === undefined || (hints & HINT.printkClock) === 0) return []
  const [, before = '', clock] = /^(\[[a-z]+=[^\]]*\] )?(\[ *\d+\.\d+\])/.exec(raw.slice(text.from, text.to)) ?? []
  return clock === undefined ? [] : [{ field: 'clock', from: text.from + before.length, to: text.from + before.length + clock.length }]
}
