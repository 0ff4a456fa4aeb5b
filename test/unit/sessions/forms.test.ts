import { expect, test } from 'vitest'
import { openBatch } from '#domain/batch.ts'
import { FORMATS, PARSE_FAULTS, faultList, type Format, type ParseFault } from '#domain/message.ts'
import { OTHER_FORMS } from '#domain/source.ts'
import { FORMS_PER_SOURCE, MAX_FORMS } from '#sessions/forms.ts'
import { createHub, START_MS, type Hub } from './kit.ts'

const NODE = '10.0.0.5'
const PLAIN = '<13>Nov 22 14:00:00 web1 app: plain'
const HOSTLESS = '<13>hello without anything'
const DAMAGED = '<13>1 2026-11-22T14:00:00Z web1 app - - [x a="b] broken'
const NEW = '<13>1 2026-11-22T14:00:00Z web1 app - - - fine'

const formsOf = (hub: Hub) => {
  hub.command({ kind: 'flush' })
  return hub.sources.forms()
}
/** Counts by format and deviations, with the seq of the last message. */
const shown = (hub: Hub) => Object.fromEntries(formsOf(hub).map(({ format, faults, messages, lastSeq }) => [`${FORMATS[format] ?? 'other'} ${faultList(faults).join(' ')}`.trim(), [messages, lastSeq]]))

test('each form of a sender is counted, with its first and last time and its last message', () => {
  const hub = createHub()
  hub.send(NODE, [PLAIN, PLAIN, HOSTLESS, PLAIN, NEW, NEW])
  hub.nowMs += 60_000
  hub.send(NODE, [NEW])
  expect(shown(hub)).toEqual({
    'rfc3164 no-year no-zone': [3, 4],
    'rfc3164 no-timestamp no-host no-app': [1, 3],
    rfc5424: [3, 7],
  })
  expect(formsOf(hub).find(({ lastSeq }) => lastSeq === 7)).toMatchObject({ firstMs: START_MS, lastMs: START_MS + 60_000 })
})

test('forms that take turns, also under several host names and with rows that want a look, are added up', () => {
  const hub = createHub()
  const other = PLAIN.replace('web1', 'web2')
  const frames = Array.from({ length: 40 }, (_, i) => [PLAIN, NEW, other, DAMAGED, '<6>Nov 22 14:00:00 web1 kernel: [    5.000000] eth0: up'][i % 5]!)
  const rows = hub.send('10.9.0.1', frames)
  const forms = formsOf(hub)
  expect(forms.reduce((sum, { messages }) => sum + messages, 0)).toBe(40)
  expect(forms.find(({ faults }) => faultList(faults).includes('bad-structured-data'))).toMatchObject({ messages: 8, lastSeq: rows[38]!.seq })
  expect(hub.sources.list()[0]).toMatchObject({ messages: 40, faulty: 8 })
})

test('what was committed after the last flush of a hub that was killed is counted again, forms and all', () => {
  const hub = createHub()
  hub.send(NODE, [PLAIN, NEW])
  hub.wait(6000)
  hub.send(NODE, [NEW, HOSTLESS, PLAIN])
  const before = shown(hub.restart('killed'))
  expect(before).toEqual(shown(hub))
  expect(before).toMatchObject({ rfc5424: [2, 3] })
})

/** A row of any form: as the parser might have left it. */
function sendForms(hub: Hub, from: string, forms: readonly { readonly format: Format; readonly faults: number }[]): void {
  const { accept } = hub.writer
  hub.writer.accept = (message) => {
    const { format, faults } = openBatch(message.header)
    for (const [row, form] of forms.entries()) {
      format[row] = FORMATS.indexOf(form.format)
      faults[row] = form.faults
    }
    return accept(message)
  }
  hub.send(from, forms.map(() => NEW))
  hub.writer.accept = accept
}

test('a sender of endlessly many forms fills its share, and the rest is counted together', () => {
  const hub = createHub()
  const count = MAX_FORMS + 10
  sendForms(hub, NODE, Array.from({ length: count }, (_, i) => ({ format: 'rfc3164', faults: i })))
  const forms = formsOf(hub)
  expect(forms).toHaveLength(MAX_FORMS + 1)
  expect(forms[0]).toMatchObject({ format: OTHER_FORMS, faults: 0, messages: 10, lastSeq: count })
  expect(hub.counter('refused:forms')).toBe(10)
})

test('all senders together have a bound; each keeps its first form', () => {
  const hub = createHub({ sessions: { max_sources: 2 } })
  const many = Array.from({ length: 20 }, (_, i) => ({ format: 'rfc5424' as const, faults: i }))
  for (const from of ['10.0.0.5', '10.0.0.6', '10.0.0.7']) sendForms(hub, from, many)
  const forms = formsOf(hub)
  expect(hub.sources.list().map(({ address }) => address).sort()).toEqual(['10.0.0.5', '10.0.0.6', 'other'])
  expect(forms.reduce((sum, { messages }) => sum + messages, 0)).toBe(60)
  expect(forms.length).toBeLessThanOrEqual(2 * FORMS_PER_SOURCE + 3 * 2)
  for (const source of hub.sources.list()) expect(hub.sources.forms(source.id).map(({ format }) => format)).toContain(OTHER_FORMS)
  const { length } = forms
  sendForms(hub.restart('clean'), '10.0.0.5', many)
  expect(formsOf(hub)).toHaveLength(length)
})

test('the rate is that of the last minutes and fades', () => {
  const hub = createHub()
  for (let i = 0; i < 1200; i++) {
    hub.nowMs += 1000
    hub.send(NODE, [NEW, NEW])
  }
  hub.command({ kind: 'flush' })
  expect(hub.sources.list()[0]!.rate).toBeGreaterThan(1.9)
  expect(hub.sources.list()[0]!.rate).toBeLessThan(2.1)
  hub.nowMs += 3_600_000
  hub.send(NODE, [NEW])
  hub.command({ kind: 'flush' })
  expect(hub.sources.list()[0]!.rate).toBeLessThan(0.01)
})

test('every deviation has a bit that a form can hold', () => {
  const bits = PARSE_FAULTS.reduce((all, _: ParseFault, bit) => (all | (1 << bit)) >>> 0, 0)
  const hub = createHub()
  sendForms(hub, NODE, [{ format: 'raw', faults: bits }])
  expect(faultList(formsOf(hub)[0]!.faults)).toEqual([...PARSE_FAULTS])
})
