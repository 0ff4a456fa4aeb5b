import { fc, test as property } from '@fast-check/vitest'
import { simpleParser, type AddressObject, type ParsedMail } from 'mailparser'
import { describe, expect, test } from 'vitest'
import type { Notice, NoticeAlert } from '#triggers/notice.ts'
import { headerText } from '#triggers/actions/mail-subject.ts'
import { wrapText } from '#triggers/actions/mail-wrap.ts'
import { builtMail, made } from '../../support/mail/made.ts'
import { AT_MS, COMMAND, message, ofAlerts, RAID, RAID_LINES } from '../../support/mail/samples.ts'

/** What a log line, a node or a capture may hold, in every place of a mail: never a header, never markup, never evaluated. */
const HOSTILE: Readonly<Record<string, string>> = {
  'line breaks and a header': 'x\r\nBcc: victim@example.org\r\nX-Evil: 1\r\n\r\nanother body',
  'bare returns and feeds': 'x\rBcc: victim@example.org\nCc: victim@example.org\n.\nMAIL FROM:<a@b>',
  'line separators of Unicode': 'x\u2028Bcc: victim@example.org\u2029\u0085Cc: victim@example.org\u000bTo: x\u000c',
  'a folded header': 'x\r\n Bcc: victim@example.org\r\n\tCc: victim@example.org',
  'an encoded word': '=?utf-8?B?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm9yZw==?= =?utf-8?Q?=0D=0ABcc:_victim@example.org?=',
  'a boundary and a part': '--_nmp\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n--_nmp--',
  'markup': `<img src=x onerror=alert(1)><script>alert(1)</script><a href="javascript:alert(1)">x</a><style>*{display:none}</style></td></table>`,
  'an attribute that ends': `" onmouseover="alert(1)" style="position:fixed;top:0" x='`,
  'a comment and a condition': '--><!--[if mso]><v:rect><![endif]--><!-- ]]> <?xml ?>',
  'handlebars': '{{constructor}}{{{this}}}{{#each this}}{{@root}}{{/each}}{{lookup . "constructor"}}{{> partial}}\\{{x}}',
  'template literals and formats': '${process.env.HOME} %s %d %n %x #{1+1} <%= 1 %> $(id) `id` ; rm -rf / | cat',
  'direction overrides': '\u202eexe.gpj\u202c \u2066isolated\u2069 \u200f\u061cabc',
  'hidden characters': 'ad\u00admin\u200b\u200d\ufeff\u2060x',
  'NULs and escapes': '\u0000\u0007\u001b[2J\u001b]0;title\u0007\u009b31m\u0000',
  'half a surrogate pair': 'x\ud800y\udc00z',
  '8 KiB without a blank': 'A'.repeat(8192),
  '8 KiB of emoji': '😀'.repeat(4096),
  'a quote that closes mailbox': '"evil" <victim@example.org>, other@example.org',
  'bytes that are no UTF-8, as the store gives them': Buffer.from([0x78, 0xff, 0xfe, 0xc3, 0x28]).toString('latin1'),
}
/** Every text of an alert that somebody else than the operator may write. */
const everywhere = (text: string): NoticeAlert => ({
  ...RAID, title: text, threadTitle: text, node: text, session: text, host: text, app: text, text, fields: { evil: text, [text]: 'x', node: text }, by: text, note: text, telling: 'escalated', runbook: text, owner: text, rule: text,
})
const lines = (text: string) => [message(4711, { text, app: text }), message(4712, { text, app: text, pri: 2 })]

/** What the mail may have besides, at most: the fields of every mail. */
const HEADERS = new Set(['from', 'to', 'message-id', 'date', 'subject', 'mime-version', 'content-type', 'auto-submitted', 'x-auto-response-suppress', 'list', 'x-hps-kind', 'x-hps-receiver', 'x-hps-rule', 'x-hps-severity', 'x-hps-node', 'x-hps-state', 'x-hps-alert', 'importance', 'priority', 'x-priority', 'in-reply-to', 'references'])

const MADE: readonly (readonly [string, (text: string) => Notice])[] = [
  ['an alert', (text) => ofAlerts([everywhere(text)])],
  ['several alerts', (text) => ofAlerts([everywhere(text), { ...RAID, id: 2 }, everywhere(`${text}!`)], { lead: text, more: 3 })],
  ['a digest', (text) => ofAlerts([everywhere(text)], { kind: 'digest', lead: text, commands: [{ ...COMMAND, title: text, body: text, node: text }] })],
  ['a command', (text) => ({ kind: 'command', command: { ...COMMAND, title: text, body: text, node: text, session: text }, receiver: 'ops', severity: 'warning', title: text, atMs: AT_MS })],
  ['a dead letter', (text) => ({ kind: 'dead', channel: 'webhook', to: text, error: text, outboxIds: [1], titles: [text, text], receiver: 'ops', severity: 'error', title: text, atMs: AT_MS })],
]
const cases = MADE.flatMap(([what, notice]) => Object.entries(HOSTILE).map(([name, text]) => ({ what, name, text, notice: notice(text) })))

const tagsOf = (html: string): Set<string> => new Set((html.match(/<\/?[a-z!?][a-z0-9:-]*/gi) ?? []).map((tag) => tag.toLowerCase()))
const attributesOf = (html: string): Set<string> => new Set([...html.matchAll(/<[a-z][^<>]*>/gi)].flatMap(([tag]) => [...tag.replace(/"[^"]*"/g, '""').matchAll(/\s([a-z-]+)=/gi)].map(([, name]) => name!.toLowerCase())))
const TAGS = new Set(['<!doctype', '<html', '</html', '<head', '</head', '<meta', '<title', '</title', '<style', '</style', '<body', '</body', '<table', '</table', '<tr', '</tr', '<td', '</td', '<b', '</b', '<br', '<span', '</span', '<a', '</a'])
const ATTRIBUTES = new Set(['lang', 'charset', 'name', 'content', 'class', 'style', 'role', 'width', 'cellpadding', 'cellspacing', 'align', 'valign', 'colspan', 'href'])

test.for(cases)('$name in $what adds no header and no recipient', async ({ notice, text }) => {
  const raw = await builtMail(notice, { lines: lines(text) })
  const parsed: ParsedMail = await simpleParser(raw)
  expect([...parsed.headers.keys()].filter((name) => !HEADERS.has(name))).toEqual([])
  expect((parsed.to as AddressObject).text).toBe('ops@example.org')
  expect([parsed.cc, parsed.bcc, parsed.attachments]).toEqual([undefined, undefined, []])
  expect(parsed.subject).not.toMatch(/[\r\n\0]/)
  // every line short enough for any server (RFC 5321 section 4.5.3.1.6), and ASCII, whatever was logged
  const wire = raw.toString('latin1').split('\r\n')
  expect(wire.filter((line) => line.length > 998 || /[^\t\x20-\x7e]/.test(line)).map((line) => line.slice(0, 100))).toEqual([])
})

test.for(cases)('$name in $what adds no markup, and is not evaluated', async ({ notice, text }) => {
  const { html } = await made(notice, { lines: lines(text) })
  expect([...tagsOf(html)].filter((tag) => !TAGS.has(tag))).toEqual([])
  expect([...attributesOf(html)].filter((name) => !ATTRIBUTES.has(name))).toEqual([])
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, address]) => address!).filter((address) => !/^https?:\/\//.test(address))).toEqual([])
  expect(html).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/) // oxlint-disable-line no-control-regex -- control characters are looked for
  expect(html.match(/<style>/g)).toHaveLength(1)
})

test.for(cases)('$name in $what stays within the lines of the text', async ({ notice, text }) => {
  const mail = await made(notice, { lines: lines(text) })
  expect(mail.text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/) // oxlint-disable-line no-control-regex -- control characters are looked for
  expect(mail.text.split('\n').filter((line) => line.length >= 78 && !/https?:\/\//.test(line))).toEqual([])
})

test('what handlebars would obey is shown as it was logged', async () => {
  const { text, html, subject } = await made(ofAlerts([{ ...RAID, title: '{{constructor}} {{{this}}}', threadTitle: '{{x}}' }]))
  expect(text).toContain('{{constructor}} {{{this}}}')
  expect(html).toContain('{{constructor}} {{{this}}}')
  expect(subject).toBe('[CRITICAL] {{x}}')
})

describe('whatever is written', () => {
  const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.array(fc.constantFrom('\r\n', '\n', 'Bcc: a@b', '<', '>', '"', '{{', '}}', '--', '=?', '?=', '\u202e', ' ', 'x', ':', '\0', '\ud800'), { maxLength: 40 }).map((parts) => parts.join('')))
  property.prop([anything], { numRuns: 150 })('a header field is one line of printable text', (text) => {
    const field = headerText(text)
    expect(field).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/) // oxlint-disable-line no-control-regex -- control characters are looked for
    expect(field.isWellFormed()).toBe(true)
  })
  property.prop([anything, fc.integer({ min: 2, max: 90 })], { numRuns: 300 })('wrapping loses no word, and no line is longer than it may be', (text, columns) => {
    const wrapped = wrapText(text, columns)
    expect(wrapped.join('').replaceAll(' ', '')).toBe(wrapText(text, 100_000).join('').replaceAll(' ', ''))
    expect(wrapped.filter((line) => line.length > columns && !/^https?:\/\//.test(line))).toEqual([])
  })
  property.prop([anything], { numRuns: 60 })('a mail has the headers that it has without', async (text) => {
    const parsed = await simpleParser(await builtMail(ofAlerts([everywhere(text)]), { lines: [...lines(text), ...RAID_LINES] }))
    expect([...parsed.headers.keys()].filter((name) => !HEADERS.has(name))).toEqual([])
  })
})
