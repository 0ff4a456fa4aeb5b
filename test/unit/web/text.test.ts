import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { STAGE_NAMES } from '#domain/stages.ts'

// browser modules have no types: they are loaded by name and described here
const load = async (name: string): Promise<unknown> => await import(/* @vite-ignore */ new URL(`../../../src/web/static/${name}`, import.meta.url).href)
interface Piece {
  readonly kind: 'text' | 'control'
  readonly text: string
}
interface Visible {
  readonly pieces: (text: string) => Piece[]
  readonly hexLines: (bytes: Uint8Array) => { offset: string; hex: string; text: string }[]
}
interface Location {
  readonly readLocation: (hash: string) => { page: string; id: string; params: URLSearchParams }
  readonly tokenIn: (hash: string) => string | undefined
  readonly narrowed: (query: string, added: string) => string
  readonly term: (field: string, value: string) => string
  readonly within: (query: string, from: string, until: string) => string
  readonly logsAt: (query: string, params?: Record<string, string>) => string
}
interface Time {
  readonly ago: (iso: string, nowMs: number) => string
  readonly sinceStart: (iso: string, start: string) => string
}
const { pieces, hexLines } = (await load('visible.js')) as Visible
const { readLocation, tokenIn, narrowed, term, within, logsAt } = (await load('location.js')) as Location
const { ago, sinceStart } = (await load('time.js')) as Time
const { STAGES } = (await load('stages.js')) as { readonly STAGES: readonly string[] }

test('the stages of the page are those of the catalogue', () => {
  expect(STAGES).toEqual(STAGE_NAMES)
})

test.for<[given: string, text: string, expected: readonly string[]]>([
  ['plain text stays', 'link is down', ['link is down']],
  ['an escape sequence is seen', '\u001b[31mred', ['<ESC>', '[31mred']],
  ['line ends and tabs are seen', 'a\r\nb\tc', ['a', '<CR>', '<LF>', 'b', '<TAB>', 'c']],
  ['a text that would turn around is seen', 'a\u202eb', ['a', '<U+202E>', 'b']],
  ['what has no width is seen', 'a\u200b\ufeffb', ['a', '<U+200B>', '<U+FEFF>', 'b']],
  ['half a character is seen', 'a\ud800b', ['a', '<U+D800>', 'b']],
  ['letters of all scripts stay', 'Grüße 你好 😀', ['Grüße 你好 😀']],
  ['markup is text', '<b>&amp;', ['<b>&amp;']],
  ['nothing', '', []],
])('%s', ([, text, expected]) => {
  expect(pieces(text).map((piece) => (piece.kind === 'control' ? `<${piece.text}>` : piece.text))).toEqual(expected)
})

property.prop([fc.string({ unit: 'binary' })])('no piece of any text holds a control character', (text) => {
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  for (const piece of pieces(text)) expect(piece.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/)
})

test('bytes are shown in lines of sixteen, with the printable ones as text', () => {
  expect(hexLines(Buffer.from('<13>hello world\0\xffz', 'latin1'))).toEqual([
    { offset: '000000', hex: '3c 31 33 3e 68 65 6c 6c 6f 20 77 6f 72 6c 64 00', text: '<13>hello world\u00b7' },
    { offset: '000010', hex: `ff 7a${' '.repeat(42)}`, text: '\u00b7z' },
  ])
})

test.for<[hash: string, page: string, id: string, query: string | null]>([
  ['', 'logs', '', null],
  ['#/', 'logs', '', null],
  ['#/logs?q=a%3Ab+c', 'logs', '', 'a:b c'],
  ['#/session/%2312', 'session', '#12', null],
  ['#/node/tch-001', 'node', 'tch-001', null],
  ['#/node/%E0%A4', 'node', '%E0%A4', null],
  ['#/message/12?q=a/b?c', 'message', '12', 'a/b?c'],
])('%s is a page', ([hash, page, id, query]) => {
  const found = readLocation(hash)
  expect([found.page, found.id, found.params.get('q')]).toEqual([page, id, query])
})

test('a token is found in the operator link, and nowhere else', () => {
  const token = 'hps_op_' + 'a-_'.repeat(14) + 'a'
  expect(tokenIn(`#/login=${token}`)).toBe(token)
  expect(['#/logs?q=login=x', '#/login=', '#/login=a b', `#/login=${token}&x`].map(tokenIn)).toEqual([undefined, undefined, undefined, undefined])
})

property.prop([fc.string(), fc.string()])('a search in the address comes back as it was', (query, live) => {
  const { params } = readLocation(logsAt(query.toWellFormed(), { live: live.toWellFormed() }))
  expect([params.get('q'), params.get('live')]).toEqual([query.toWellFormed(), live.toWellFormed()])
})

test('a value is quoted where it is more than a word, and a term is added once', () => {
  expect([term('app', 'cron'), term('app', 'my app'), term('host', 'a"b\\c')]).toEqual(['app:cron', 'app:"my app"', 'host:"a\\"b\\\\c"'])
  expect(narrowed('', 'app:cron')).toBe('app:cron')
  expect(narrowed('link app:cron', 'app:cron')).toBe('link app:cron')
  expect(narrowed('link app:crond', 'app:cron')).toBe('link app:crond app:cron')
  expect(narrowed('a or b', 'app:cron')).toBe('(a or b) app:cron')
})

test.for<[seconds: number, shown: string]>([[0, '0 s'], [-30, '0 s'], [99, '99 s'], [100, '2 min'], [5999, '100 min'], [6000, '2 h'], [172_799, '48 h'], [172_800, '2 d']])('%i seconds ago is shown as %s', ([seconds, shown]) => {
  const now = Date.parse('2026-11-22T03:00:00Z')
  expect(ago(new Date(now - seconds * 1000).toISOString(), now)).toBe(shown)
})

test.for<[ms: number, shown: string]>([[0, '+0.0 s'], [83_440, '+83.4 s'], [-500, '\u22120.5 s'], [725_000, '+12:05'], [3_725_000, '+1:02:05']])('%i ms after the start of a boot is shown as %s', ([ms, shown]) => {
  const start = '2026-11-22T03:00:00.000Z'
  expect(sinceStart(new Date(Date.parse(start) + ms).toISOString(), start)).toBe(shown)
})

test.for([
  ['nothing', '', 'since:A until:B'],
  ['words', 'link down', 'link down since:A until:B'],
  ['a range before', 'since:1h link until:"2026-11-22 10:00"', 'link since:A until:B'],
  ['a range in quotes, which is text', '"since:1h" x', '"since:1h" x since:A until:B'],
  ['a choice, whose own ranges stay', 'a since:1h or b', '(a since:1h or b) since:A until:B'],
] as const)('a range of time is put on %s', ([, query, expected]) => {
  expect(within(query, 'A', 'B')).toBe(expected)
})
