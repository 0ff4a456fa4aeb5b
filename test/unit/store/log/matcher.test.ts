import { expect, test } from 'vitest'
import { compileMatcher, decodeRow, readParam, type ResolvedQuery } from '#store/index.ts'
import { batchOf, type RowSpec } from '../../../support/store/batches.ts'

const matches = (query: ResolvedQuery, row: RowSpec): boolean => compileMatcher(query)(batchOf([{ text: 'before' }, row, { text: 'behind' }]), 1)
const text = (wanted: string, open?: 'start' | 'end' | 'both'): ResolvedQuery => ({ kind: 'text', text: wanted, ...(open === undefined ? {} : { open }) })
type Param = Extract<ResolvedQuery, { kind: 'param' }>
const body = (name: string, rest: Partial<Param>): ResolvedQuery => ({ kind: 'param', place: 'body', name, comparison: '=', value: '', ...rest })
const sd = (name: string, rest: Partial<Param>): ResolvedQuery => ({ kind: 'param', place: 'sd', name, comparison: '=', value: '', ...rest })
const SD = '[origin ip="10.0.0.1" ip="10.0.0.2" note="a \\"b\\" \\] c"][x@1 ip="::1" n="7"]'

test.for<readonly [string, ResolvedQuery, RowSpec, boolean]>([
  ['a word in any case', text('LINK'), { text: 'the Link is up' }, true],
  ['a word at the very end', text('up'), { text: 'link up' }, true],
  ['a word that begins in this text and ends in the next frame', text('up <'), { text: 'link up' }, false],
  ['a pattern that overlaps itself', text('aab', 'start'), { text: 'aaab' }, true],
  ['a word that goes on', text('link'), { text: 'links' }, false],
  ['a word that began before', text('link'), { text: 'uplink' }, false],
  ['a word inside one with an underscore', text('link'), { text: 'link_up' }, false],
  ['a word beside letters beyond ASCII', text('link'), { text: 'linkö' }, false],
  ['a word between marks', text('link'), { text: '(eth0-link)' }, true],
  ['a word that is whole only the second time', text('link'), { text: 'links link' }, true],
  ['a word that goes on, open at its end', text('link', 'end'), { text: 'links' }, true],
  ['a word that began before, open at its end', text('link', 'end'), { text: 'uplink' }, false],
  ['a word that began before, open at its start', text('link', 'start'), { text: 'uplink' }, true],
  ['a word that goes on, open at its start', text('link', 'start'), { text: 'uplinks' }, false],
  ['a word in a word, open at both ends', text('link', 'both'), { text: 'uplinks' }, true],
  ['a phrase with its marks', text('eth0: link'), { text: 'eth0: link up' }, true],
  ['a phrase whose last word goes on', text('link is do'), { text: 'link is down' }, false],
  ['a phrase whose last word may go on', text('link is do', 'end'), { text: 'link is down' }, true],
  ['an address', text('10.99.1.7'), { text: 'from 10.99.1.7:514' }, true],
  ['an address that goes on', text('10.99.1.7'), { text: 'from 10.99.1.77' }, false],
  ['marks alone, inside a word or not', text('::'), { text: 'fe80::1' }, true],
  ['a mark at the end, which a word may follow', text('eth0:'), { text: 'eth0:up' }, true],
  ['letters beyond ASCII that go on', text('größ'), { text: 'größe' }, false],
  ['letters beyond ASCII, open', text('größ', 'end'), { text: 'größe' }, true],
  ['latin-1 letters that go on', text('gr\u00f6'), { text: Buffer.from('gr\u00f6\u00df', 'latin1') }, false],
  ['the header, which is not text', text('tch-001'), { host: 'tch-001', text: 'x' }, false],
  ['an empty text', text('x'), { text: '' }, false],
  ['UTF-8 letters as they are', text('größe'), { text: 'GRößE' }, true],
  ['letters beyond ASCII in another case', text('Ö'), { text: 'ö' }, false],
  ['latin-1 text by its letters', text('gr\u00f6'), { text: Buffer.from('gr\u00f6', 'latin1') }, true],
  ['an expression, anchored at the text', { kind: 'regex', pattern: '^link' }, { host: 'h', text: 'link' }, true],
  ['an APP-NAME that is equal but for case', { kind: 'field', field: 'app', value: 'KERNEL' }, { app: 'kernel' }, true],
  ['an APP-NAME that only begins so', { kind: 'field', field: 'app', value: 'kern' }, { app: 'kernel' }, false],
  ['a prefix', { kind: 'field', field: 'app', value: 'kern*' }, { app: 'kernel' }, true],
  ['a prefix longer than the field', { kind: 'field', field: 'app', value: 'kernel-x*' }, { app: 'kernel', text: '-x' }, false],
  ['no ids', { kind: 'ids', field: 'node', ids: [] }, { node: 0 }, false],
  ['an id beyond 31 bits', { kind: 'ids', field: 'source', ids: [3, 4_000_000_000] }, { source: 4_000_000_000 }, true],
  ['a label, by its beginning', { kind: 'field', field: 'label', value: 'a1*' }, { label: 'A1B2C3' }, true],
  ['a PROCID as a number', { kind: 'procid', comparison: '>=', value: 100 }, { procid: '1234' }, true],
  ['a PROCID that is less', { kind: 'procid', comparison: '>=', value: 100 }, { procid: '99' }, false],
  ['a PROCID that is no number', { kind: 'procid', comparison: '>=', value: 0 }, { procid: '12a' }, false],
  ['a PROCID that is not there', { kind: 'procid', comparison: '>=', value: 0 }, {}, false],
  ['a confidence', { kind: 'confidence', comparison: '<', value: 50 }, { confidence: 49 }, true],
  ['a format', { kind: 'format', code: 4 }, { format: 4 }, true],
  ['a method that is another', { kind: 'method', code: 4 }, { method: 3 }, false],
  ['a parse fault among others', { kind: 'fault', code: 7 }, { faults: 128 + 1 }, true],
  ['a parse fault that was not met', { kind: 'fault', code: 7 }, { faults: 127 }, false],
  ['a template', { kind: 'template', hi: 1, lo: 0xffff_ffff }, { templateHi: 1, template: 0xffff_ffff }, true],
  ['half a template', { kind: 'template', hi: 1, lo: 2 }, { templateHi: 0, template: 2 }, false],
  ['a time of its own session', { kind: 'session-times', spans: [{ id: 7, fromMs: 10, untilMs: 20 }] }, { session: 7, receivedMs: 10 }, true],
  ['a time of another session', { kind: 'session-times', spans: [{ id: 7, fromMs: 10, untilMs: 20 }] }, { session: 8, receivedMs: 10 }, false],
  ['the end of the time of its session', { kind: 'session-times', spans: [{ id: 7, fromMs: 10, untilMs: 20 }] }, { session: 7, receivedMs: 20 }, false],
  ['a parameter of any element', sd('ip', { value: '::1' }), { sd: SD }, true],
  ['a parameter that stands twice', sd('ip', { value: '10.0.0.2' }), { sd: SD }, true],
  ['a parameter of one element', sd('ip', { sdId: 'x@1', value: '10.0.0.2' }), { sd: SD }, false],
  ['a parameter with escapes', sd('note', { value: 'A "b" ] c' }), { sd: SD }, true],
  ['a parameter as a number', sd('n', { comparison: '<', value: '10' }), { sd: SD }, true],
  ['a parameter in another case', sd('IP', { open: 'end' }), { sd: SD }, false],
  ['a parameter of no element', sd('n', { open: 'end' }), { text: '[x n="7"]' }, false],
  ['a parameter before what cannot be read', sd('a', { value: '1' }), { sd: '[x a="1" b]' }, true],
  ['a field of JSON', body('status', { value: '404' }), { text: '{"status":404}' }, true],
  ['a number in another spelling', body('status', { value: '404.0' }), { text: ' {"status":404} ' }, true],
  ['a number that is more', body('ms', { comparison: '>', value: '9.5' }), { text: '{"ms":1e1}' }, true],
  ['a text that is compared with a number', body('ms', { comparison: '>', value: '9' }), { text: '{"ms":"slow"}' }, false],
  ['a digit string that is compared with a number', body('ms', { comparison: '>', value: '9' }), { text: '{"ms":"10"}' }, true],
  ['a field inside an object', body('user.name', { value: 'ROOT' }), { text: '@cee: {"user":{"name":"root"}}' }, true],
  ['a key with a dot', body('log.level', { value: 'warn' }), { text: '{"log.level":"warn"}' }, true],
  ['a key with a dot inside an object', body('a.b.c', { value: 'x' }), { text: '{"a":{"b.c":"x"}}' }, true],
  ['an entry of a list', body('items.1.id', { value: '7' }), { text: '{"items":[0,{"id":7}]}' }, true],
  ['the length of a list, which is no field', body('items.length', { open: 'end' }), { text: '{"items":[1],"length":1}' }, false],
  ['what every object has', body('constructor', { open: 'end' }), { text: '{"a":"constructor"}' }, false],
  ['a field that is there', body('error', { open: 'end' }), { text: '{"error":null}' }, true],
  ['a field that is not there', body('error', { open: 'end' }), { text: '{"a":"error"}' }, false],
  ['a prefix of a field', body('path', { value: '/API', open: 'end' }), { text: '{"path":"/api/v1"}' }, true],
  ['a value that JSON escapes', body('a', { value: 'xy' }), { text: '{"a":"\\u0078y"}' }, true],
  ['a field behind a session label', body('a', { value: 'x' }), { text: '[s=a1b2c3] {"a":"x"}' }, true],
  ['a field of logfmt', body('user.name', { value: 'root' }), { text: 'login user.name=root ok' }, true],
  ['a quoted field of logfmt', body('msg', { value: 'a "b"' }), { text: 'level=info msg="a \\"b\\""' }, true],
  ['a field with a comma behind it', body('idVendor', { value: '1d6b' }), { text: 'found, idVendor=1d6b, idProduct=2' }, true],
  ['a name that ends like the field', body('name', { value: 'x' }), { text: 'username=x' }, false],
  ['the second of two fields', body('a', { value: '2' }), { text: 'a=1 a=2' }, true],
  ['what looks like a field in the value of another', body('a', { value: '2' }), { text: 'msg="b a=2" b=1' }, false],
  ['what looks like a field in JSON', body('a', { value: '2' }), { text: '{"msg":"b a=2"}' }, false],
  ['a field of CEF', body('src', { value: '10.0.0.1' }), { text: 'CEF:0|V|P|1|100|Name|5|src=10.0.0.1 msg=a b' }, true],
  ['a field of the header of CEF, whose name does not stand there', body('cef.vendor', { value: 'acme' }), { text: 'CEF:0|Acme|P|1|100|Name|5|' }, true],
  ['a field of the header of CEF behind its tag', body('cef.event', { comparison: '>', value: '99' }), { app: 'CEF', text: '0|Acme|P|1|100|Name|5|' }, true],
  ['a field of LEEF', body('cat', { value: 'IPS' }), { text: 'LEEF:2.0|V|P|1|7|^|cat=IPS^msg=x y' }, true],
  ['a field of the header of LEEF', body('leef.event', { value: '7' }), { text: 'LEEF:1.0|V|P|1|7|cat=IPS' }, true],
  ['a named value', body('MessageID', { value: 'USR0032' }), { text: 'Severity: Informational, MessageID: USR0032, Message: logged off' }, true],
  ['the mnemonic of Cisco', body('cisco.mnemonic', { value: 'updown' }), { app: '%LINK-3-UPDOWN', text: 'Interface Gi0/1' }, true],
  ['the mnemonic of Cisco in a program of another name', body('cisco.mnemonic', { value: 'updown' }), { app: 'LINK-3-UPDOWN', text: 'Interface Gi0/1' }, false],
  ['the function of an HPS line, which is its PROCID', body('hps.function', { value: 'n_init_run' }), { app: 'hps', procid: 'n_init_run', text: 'Init [2/16]: Starting n_x' }, true],
  ['the step of an HPS line as a number', body('hps.step', { comparison: '>=', value: '2' }), { app: 'hps', text: '[INFO] Step 3/6: Formatting' }, true],
  ['the step of a line that is not of HPS', body('hps.step', { comparison: '>=', value: '2' }), { app: 'sshd', text: '[INFO] Step 3/6: Formatting' }, false],
  ['the names of an HPS line in JSON', body('hps.step', { value: '3' }), { app: 'x', text: '{"hps":{"step":3}}' }, true],
  ['the MAC of a DHCP line', body('dhcp.mac', { value: '52:54:00:9C:4C:24' }), { app: 'dnsmasq-dhcp', text: '7 DHCPACK(eth0) 10.0.0.9 52:54:00:9c:4c:24 tch-001' }, true],
  ['how often a message is repeated', body('repeated', { comparison: '>', value: '2' }), { text: 'message repeated 3 times: [ link is down]' }, true],
  ['a field of a repeated message', body('code', { value: '7' }), { text: 'message repeated 3 times: [ code=7]' }, true],
  ['a key of a session label', body('st', { value: 'packages' }), { text: '[s=a1b2c3 st=packages] hello' }, true],
  ['an entry of a kernel dictionary', sd('SUBSYSTEM', { value: 'acpi' }), { sd: ' SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00' }, true],
  ['logfmt that begins like JSON', body('a', { value: '1' }), { text: '{x} a=1' }, true],
  ['an empty value', body('a', { value: '' }), { text: 'b=1 a=' }, true],
  ['JSON longer than is read', body('a', { value: '1' }), { text: `{"b":"${'x'.repeat(32_768)}","a":1}` }, false],
  ['an expression whose letters are not there', { kind: 'regex', pattern: 'links? is' }, { text: 'link was' }, false],
  ['an expression without case', { kind: 'regex', pattern: '(?i)ERROR [0-9]+' }, { text: 'Error 7' }, true],
  ['an expression over latin-1', { kind: 'regex', pattern: 'gr.\u00df' }, { text: Buffer.from('gr\u00f6\u00df', 'latin1') }, true],
  ['a severity by importance', { kind: 'severity', comparison: '<=', code: 4 }, { pri: 8 * 3 + 4 }, true],
  ['a severity that is less important', { kind: 'severity', comparison: '<=', code: 4 }, { pri: 8 * 3 + 5 }, false],
  ['an empty choice', { kind: 'or', terms: [] }, {}, false],
  ['an empty conjunction', { kind: 'and', terms: [] }, {}, true],
])('%s', ([, query, row, expected]) => {
  expect(matches(query, row)).toBe(expected)
})

test('an expression that cannot be compiled is a fault of the query', () => {
  expect(() => compileMatcher({ kind: 'regex', pattern: '(' })).toThrow(expect.objectContaining({ code: 'bad-query' }))
})

test('the value of a parameter is read for counting', () => {
  const batch = batchOf([{ sd: SD, text: '{"n":1.50,"list":[1, 2],"yes":true}' }, { text: 'n=1.50' }])
  const of = (place: 'sd' | 'body', name: string, row = 0): string | undefined => readParam(batch, row, { place, name })
  expect([of('sd', 'ip'), of('sd', 'none'), of('body', 'n'), of('body', 'list'), of('body', 'yes'), of('body', 'n', 1), of('sd', 'ip', 1)]).toEqual(['10.0.0.1', undefined, '1.5', '[1,2]', 'true', '1.50', undefined])
})

test('values outside the catalogues read as their first word, and a message owns its bytes', () => {
  const batch = batchOf([{ text: 'abc', pri: 255 }])
  batch.format[0] = 99
  batch.method[0] = 99
  const message = decodeRow(batch, 0)
  batch.bytes.fill(0)
  expect(message).toMatchObject({ facility: 'kern', severity: 'debug', format: 'raw', method: 'none', text: 'abc' })
  expect(Buffer.from(message.raw).toString()).toBe('<255>abc ')
})
