import { expect, test } from 'vitest'
import { readSdValues } from '#domain/fields/structured-data.ts'
import { messageFields, readValues, type Said } from '#domain/fields/message-fields.ts'

const shown = (said: Partial<Said>): string[] => messageFields({ app: '', procid: '', structuredData: '', text: '', ...said }).fields.map(({ kind, name, value }) => `${kind} ${name}=${value}`)
/** The fields of a text; all are of the kind that is given apart. */
const ofText = (text: string, app = ''): [string, string[]] => {
  const { fields } = messageFields({ app, procid: '', structuredData: '', text })
  return [[...new Set(fields.map(({ kind }) => kind))].join('+'), fields.map(({ name, value }) => `${name}=${value}`)]
}

const CEF_HEADER = ['cef.version=0', 'cef.vendor=Security', 'cef.product=threatmanager', 'cef.product_version=1.0', 'cef.event=100', 'cef.name=worm stopped', 'cef.severity=10']
const LEEF_HEADER = (version: string): string[] => [`leef.version=${version}`, 'leef.vendor=Lancope', 'leef.product=StealthWatch', 'leef.product_version=1.0', 'leef.event=41']

test.for<readonly [string, string, string, readonly string[]]>([
  ['CEF', 'CEF:0|Security|threatmanager|1.0|100|worm stopped|10|src=10.0.0.1 msg=two words dst=2.1.2.2', 'cef', [...CEF_HEADER, 'src=10.0.0.1', 'msg=two words', 'dst=2.1.2.2']],
  ['CEF behind a header', 'Sep 19 08:26:10 host CEF:0|Security|threatmanager|1.0|100|worm stopped|10|src=10.0.0.1', 'cef', [...CEF_HEADER, 'src=10.0.0.1']],
  ['CEF whose tag was taken off', '0|Security|threatmanager|1.0|100|worm stopped|10|src=10.0.0.1', 'cef', [...CEF_HEADER, 'src=10.0.0.1']],
  ['CEF without an extension', 'CEF:0|Security|threatmanager|1.0|100|worm stopped|10', 'cef', CEF_HEADER],
  ['escapes in the header of CEF', 'CEF:0|a\\|b|c\\\\d|1|x=y|n|Very-High|', 'cef', ['cef.version=0', 'cef.vendor=a|b', 'cef.product=c\\d', 'cef.product_version=1', 'cef.event=x=y', 'cef.name=n', 'cef.severity=Very-High']],
  ['escapes in the values of CEF', 'CEF:0|Security|threatmanager|1.0|100|worm stopped|10|act=a | b \\= c\\\\d request=http://x/?a=b msg=one\\ntwo\\q', 'cef', [...CEF_HEADER, 'act=a | b = c\\d', 'request=http://x/?a=b', 'msg=one\ntwo\\q']],
  ['CEF that is quoted late', `${'x '.repeat(200)}CEF:0|a|b|c|d|e|5| k=v`, 'key-value', ['k=v']],
  ['a table with bars', '0|a|b|c|d|e|loud|k=v', '', []],
  ['CEF cut in its header', 'CEF:0|Security|x k=v', 'key-value', ['k=v']],
  ['LEEF 1.0', 'LEEF:1.0|Lancope|StealthWatch|1.0|41|src=10.0.1.8\tmsg=two words\tusrName=', 'leef', [...LEEF_HEADER('1.0'), 'src=10.0.1.8', 'msg=two words', 'usrName=']],
  ['LEEF 2.0 with a delimiter', 'LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=10.0.1.8^msg=a=b^nothing', 'leef', [...LEEF_HEADER('2.0'), 'src=10.0.1.8', 'msg=a=b']],
  ['LEEF 2.0 with the code of a delimiter', 'LEEF:2.0|Lancope|StealthWatch|1.0|41|0x5E|src=10.0.1.8^sev=5', 'leef', [...LEEF_HEADER('2.0'), 'src=10.0.1.8', 'sev=5']],
  ['LEEF 2.0 with the short code of a delimiter', 'LEEF:2.0|Lancope|StealthWatch|1.0|41|x7c|src=10.0.1.8|sev=5', 'leef', [...LEEF_HEADER('2.0'), 'src=10.0.1.8', 'sev=5']],
  ['LEEF 2.0 without a delimiter', 'LEEF:2.0|Lancope|StealthWatch|1.0|41|src=10.0.1.8\tsev=5', 'leef', [...LEEF_HEADER('2.0'), 'src=10.0.1.8', 'sev=5']],
  ['LEEF 2.0 with an empty delimiter', 'LEEF:2.0|Lancope|StealthWatch|1.0|41||src=10.0.1.8\tsev=5', 'leef', [...LEEF_HEADER('2.0'), 'src=10.0.1.8', 'sev=5']],
  ['LEEF with tabs that a relay has escaped', 'LEEF:1.0|Lancope|StealthWatch|1.0|41|src=10.0.1.8#011sev=5', 'leef', [...LEEF_HEADER('1.0'), 'src=10.0.1.8', 'sev=5']],
  ['LEEF with tabs that became blanks', 'LEEF:1.0|Lancope|StealthWatch|1.0|41|src=10.0.1.8 msg=two words', 'leef', [...LEEF_HEADER('1.0'), 'src=10.0.1.8', 'msg=two words']],
  ['LEEF whose tag was taken off', '1.0|Lancope|StealthWatch|1.0|41|src=10.0.1.8', 'leef', [...LEEF_HEADER('1.0'), 'src=10.0.1.8']],
  ['LEEF cut in its header', 'LEEF:1.0|Lancope|x', '', []],
  ['JSON', '{"a":{"b":[1,{"c":"x"}],"d":{}},"e":null,"f":1.50,"g.h":true}', 'json', ['a.b.0=1', 'a.b.1.c=x', 'a.d={}', 'e=null', 'f=1.5', 'g.h=true']],
  ['JSON behind the CEE cookie and a label', '[s=a1b2c3] @cee: {"a":1}', 'label+json', ['s=a1b2c3', 'a=1']],
  ['JSON deeper than paths go', '{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}', 'json', ['a.b.c.d.e.f.g.h={"i":1}']],
  ['JSON deeper than is read', `{"a=1":${'['.repeat(65)}${']'.repeat(65)}}`, '', []],
  ['JSON with names of the prototype', '{"__proto__":{"x":1},"constructor":2}', 'json', ['__proto__.x=1', 'constructor=2']],
  ['JSON with a number beyond all bounds', '{"a":1e999,"b":2}', 'json', ['b=2']],
  ['JSON with quotes that hold brackets', '{"a":"\\"[[[{","b":1}', 'json', ['a="[[[{', 'b=1']],
  ['what only begins like JSON', '{x} a=1', 'key-value', ['a=1']],
  ['logfmt', 'ts=2026-11-22T13:00:00Z level=info msg="two \\"words\\"" err=', 'key-value', ['ts=2026-11-22T13:00:00Z', 'level=info', 'msg=two "words"', 'err=']],
  ['FortiGate', 'date=2026-11-22 time=13:21:39 devname="fw-1" logid="0000000013" srcip=10.0.0.1 policyid=7', 'key-value', ['date=2026-11-22', 'time=13:21:39', 'devname=fw-1', 'logid=0000000013', 'srcip=10.0.0.1', 'policyid=7']],
  ['the Linux audit log', "type=USER_LOGIN msg=audit(1364481363.243:24287): pid=1 msg='op=login acct=\"root\" res=success'", 'key-value', ['type=USER_LOGIN', 'msg=audit(1364481363.243:24287):', 'pid=1', 'msg=', 'op=login', 'acct=root', 'res=success']],
  ['pairs in parentheses', 'session opened for user root(uid=0) by (uid=1)', 'key-value', ['uid=0', 'uid=1']],
  ['pairs with commas and semicolons', 'a=1,b=2;c=3, d=x,y z', 'key-value', ['a=1', 'b=2', 'c=3', 'd=x,y']],
  ['brackets that belong to a value', 'a=f(x) b=[1] c=$(y', 'key-value', ['a=f(x)', 'b=[1]', 'c=$(y']],
  ['quotes that never end', 'a=1 b="two words', 'key-value', ['a=1', 'b=two words']],
  ['quotes that end in a backslash', 'b="two\\', 'key-value', ['b=two']],
  ['a pair in the quotes of another', 'msg="user=root" a=1', 'key-value', ['msg=user=root', 'a=1']],
  ['comparisons and addresses', 'a==1 and b>=2 in http://x/?c=3', '', []],
  ['a name beyond ASCII', 'größe=7', 'key-value', ['größe=7']],
  ['iDRAC', 'Severity: Informational, Category: Audit, MessageID: USR0032, Message: The session for root from 10.0.0.1 is logged off.', 'named-values', ['Severity=Informational', 'Category=Audit', 'MessageID=USR0032', 'Message=The session for root from 10.0.0.1 is logged off.']],
  ['names of several words', 'Message ID: X1, Event Time Stamp: 2026, Message: a, b', 'named-values', ['Message ID=X1', 'Event Time Stamp=2026', 'Message=a, b']],
  ['prose with a colon', 'Warning: the disk is full, really: full', '', []],
  ['a repetition of rsyslog', 'message repeated 3 times: [ code=7]', 'repeated+key-value', ['repeated=3', 'code=7']],
  ['a repetition of BSD', 'last message repeated 12 times', 'repeated', ['repeated=12']],
  ['a repetition of ASL', '--- last message repeated 1 time ---', 'repeated', ['repeated=1']],
  ['a repetition of syslog-ng', "Last message 'a=1' repeated 2 times, suppressed by syslog-ng on x", 'repeated+key-value', ['repeated=2', 'a=1']],
  ['a session label', '[s=a1b2c3 q=17 f=n_install l=warning st=packages] x=1', 'label+key-value', ['s=a1b2c3', 'q=17', 'f=n_install', 'l=warning', 'st=packages', 'x=1']],
  ['plain words', 'link is down', '', []],
])('%s', ([, text, kind, expected]) => {
  expect(ofText(text)).toEqual([kind, expected])
})

test.for<readonly [string, string, string, readonly string[]]>([
  ['%LINK-3-UPDOWN', '', 'cisco', ['cisco.facility=LINK', 'cisco.severity=3', 'cisco.mnemonic=UPDOWN']],
  ['%PLATFORM_ENV-SW1-1-FAN_OK', '', 'cisco', ['cisco.facility=PLATFORM_ENV-SW1', 'cisco.severity=1', 'cisco.mnemonic=FAN_OK']],
  ['%ASA-6-302013', '', 'cisco', ['cisco.facility=ASA', 'cisco.severity=6', 'cisco.mnemonic=302013']],
  ['%ASA-9-302013', '', '', []],
  ['dnsmasq-dhcp', '3659418943 DHCPACK(eth0) 10.99.1.50 52:54:00:9c:4c:24 tch-001', 'dhcp', ['dhcp.xid=3659418943', 'dhcp.message=DHCPACK', 'dhcp.interface=eth0', 'dhcp.address=10.99.1.50', 'dhcp.mac=52:54:00:9c:4c:24', 'dhcp.name=tch-001']],
  ['dnsmasq-dhcp', 'DHCPDISCOVER(eth0) 52:54:00:9c:4c:24', 'dhcp', ['dhcp.message=DHCPDISCOVER', 'dhcp.interface=eth0', 'dhcp.mac=52:54:00:9c:4c:24']],
  ['dnsmasq-dhcp', '3659418943 PXE(eth0) 52:54:00:9c:4c:24 proxy', 'dhcp', ['dhcp.xid=3659418943', 'dhcp.message=PXE', 'dhcp.interface=eth0', 'dhcp.mac=52:54:00:9c:4c:24', 'dhcp.name=proxy']],
  ['dnsmasq-dhcp', '3659418943 vendor class: PXEClient:Arch:00000:UNDI:002001', 'dhcp', ['dhcp.xid=3659418943', 'dhcp.vendor-class=PXEClient:Arch:00000:UNDI:002001']],
  ['dnsmasq-dhcp', 'started, version 2.90', '', []],
  ['dhcpd', 'DHCPDISCOVER from 52:54:00:9c:4c:24 via eth0', 'dhcp', ['dhcp.message=DHCPDISCOVER', 'dhcp.interface=eth0', 'dhcp.mac=52:54:00:9c:4c:24']],
  ['dhcpd', 'DHCPREQUEST for 10.99.1.50 (10.99.1.1) from 52:54:00:9c:4c:24 (tch-001) via eth0', 'dhcp', ['dhcp.message=DHCPREQUEST', 'dhcp.interface=eth0', 'dhcp.address=10.99.1.50', 'dhcp.mac=52:54:00:9c:4c:24', 'dhcp.name=tch-001']],
  ['dhcpd', 'DHCPACK on 10.99.1.50 to 52:54:00:9c:4c:24 (tch-001) via eth0', 'dhcp', ['dhcp.message=DHCPACK', 'dhcp.interface=eth0', 'dhcp.address=10.99.1.50', 'dhcp.mac=52:54:00:9c:4c:24', 'dhcp.name=tch-001']],
  ['sshd', 'DHCPACK on 10.99.1.50 to 52:54:00:9c:4c:24 via eth0', '', []],
])('what %s says: %s', ([app, text, kind, expected]) => {
  expect(ofText(text, app)).toEqual([kind, expected])
})

test('structured data, a kernel dictionary, the header and the text come in this order', () => {
  expect(shown({ app: 'hps', procid: 'n_x', structuredData: '[origin ip="10.0.0.1" ip="::1"][x@1 note="a\\]b"]', text: 'Step 2/6: a=1' })).toEqual([
    'structured-data origin.ip=10.0.0.1', 'structured-data origin.ip=::1', 'structured-data x@1.note=a]b', 'hps hps.function=n_x', 'hps hps.step=2', 'hps hps.steps=6', 'key-value a=1',
  ])
  expect(shown({ app: 'kernel', structuredData: ' SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00' })).toEqual(['kmsg SUBSYSTEM=acpi', 'kmsg DEVICE=+acpi:PNP0A03:00'])
})

test('what is more than is shown is said to be cut, and is found all the same', () => {
  const many = Array.from({ length: 129 }, (_, i) => `n${i}=${i}`).join(' ')
  expect(messageFields({ app: '', procid: '', structuredData: '', text: many })).toMatchObject({ isCut: true, fields: { length: 128 } })
  expect(readValues({ app: '', procid: '', text: many }, 'n128')).toEqual(['128'])
  const long = messageFields({ app: '', procid: '', structuredData: '', text: `a=${'x'.repeat(3000)}` })
  expect([long.isCut, long.fields[0]!.value.length]).toEqual([true, 2048])
  expect(messageFields({ app: '', procid: '', structuredData: '', text: 'a=1' }).isCut).toBe(false)
})

test('a name that stands many times has its first 64 values', () => {
  expect(readValues({ app: '', procid: '', text: Array.from({ length: 70 }, (_, i) => `a=${i}`).join(' ') }, 'a')).toHaveLength(64)
})

test('a kernel escapes nothing in its dictionary: what is shown is what is asked for', () => {
  const dictionary = ' DEVICE=a\\"b'
  expect(messageFields({ app: 'kernel', procid: '', structuredData: dictionary, text: '' }).fields).toEqual([{ kind: 'kmsg', name: 'DEVICE', value: 'a\\"b' }])
  expect(readSdValues(dictionary, { name: 'DEVICE', sdId: undefined })).toEqual(['a\\"b'])
})
