import { readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fakeApi } from './fakes.ts'

const IPXE = { 'user-agent': 'iPXE/1.0.0+git-20190125.36a4c85-5.1', host: '10.0.0.1:8080' }
const NODE = '10.0.0.7'

test('the decision is a script for iPXE, with the facts it sent', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ url: '/boot/v1/decide?mac=52%3A54%3A00%3A00%3A00%3A07&uuid=4C4C4544-0051&arch=x86_64&plat=efi&serial=A+B&C/D', headers: IPXE, remoteAddress: NODE })
  expect([reply.statusCode, reply.headers['content-type'], reply.body]).toEqual([200, 'text/plain; charset=utf-8', '#!ipxe\n# boot\n'])
  expect(reply.headers).toMatchObject({ vary: 'Accept, User-Agent', 'cache-control': 'no-store' })
  expect(calls.facts).toEqual([{ address: NODE, mac: '52:54:00:00:00:07', uuid: '4c4c4544-0051', arch: 'x86_64', platform: 'efi', serial: 'A+B&C/D', userAgent: IPXE['user-agent'], hubUrl: 'http://10.0.0.1:8080' }])
})

test('iPXE may post its facts as a form', async () => {
  const { api, calls } = fakeApi()
  const payload = 'mac=52%3A54%3A00%3A00%3A00%3A07&uuid=&serial=S%20N%2F1&arch=i386&plat=pcbios&dmesg=%0Afoo'
  await api.inject({ method: 'POST', url: '/boot/v1/decide?s=a1b2c3', headers: { ...IPXE, 'content-type': 'application/x-www-form-urlencoded' }, payload, remoteAddress: NODE })
  expect(calls.facts[0]).toMatchObject({ mac: '52:54:00:00:00:07', serial: 'S N/1', arch: 'i386', platform: 'pcbios', uuid: undefined })
})

test('JSON may be posted too, and what is no text in it is left out', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ method: 'POST', url: '/boot/v1/decide', headers: { accept: 'application/json' }, payload: { mac: '525400000007', serial: { $ne: 1 } }, remoteAddress: NODE })
  expect(reply.json()).toMatchObject({ outcome: 'boot', node: 'tch-001', args: 'quiet' })
  expect(calls.facts[0]).toMatchObject({ mac: '52:54:00:00:00:07', serial: undefined })
})

test.for<[who: string, headers: Record<string, string>]>([
  ['iPXE', IPXE],
  ['a shell', { 'user-agent': 'curl/8.5.0' }],
  ['a program', { accept: 'application/json' }],
])('%s that is to wait is told so with 503 and Retry-After', async ([, headers]) => {
  const reply = await fakeApi().api.inject({ url: '/boot/v1/decide?mac=52-54-00-00-00-99', headers, remoteAddress: NODE })
  expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, '10'])
})

test('a refusal is 200, so that iPXE shows why', async () => {
  const reply = await fakeApi().api.inject({ url: '/boot/v1/decide', headers: IPXE, remoteAddress: NODE })
  expect([reply.statusCode, reply.body]).toEqual([200, '#!ipxe\n# refuse\n'])
})

test.for<[url: string, type: string, part: string]>([
  ['/boot/v1/decide.json?mac=52-54-00-00-00-07', 'application/json; charset=utf-8', '"outcome":"boot"'],
  ['/boot/v1/decide?mac=52-54-00-00-00-07&format=text', 'text/plain; charset=utf-8', 'outcome=boot\nwhy=profile thin\nnode=tch-001\n'],
  ['/boot/v1/decide.html?mac=52-54-00-00-00-07', 'text/html; charset=utf-8', '<dd>profile thin</dd>'],
  ['/boot/v1/decide.ipxe?mac=52-54-00-00-00-07', 'text/plain; charset=utf-8', '#!ipxe'],
])('%s is answered in that form', async ([url, type, part]) => {
  const reply = await fakeApi().api.inject({ url, remoteAddress: NODE })
  expect(reply.headers['content-type']).toBe(type)
  expect(reply.body).toContain(part)
})

test.for<[host: string | undefined, expected: string]>([
  ['ips-01.cl1.example:8080', 'http://ips-01.cl1.example:8080'],
  ['[fd00::1]:8080', 'http://[fd00::1]:8080'],
  ['evil/path?x', 'http://127.0.0.1'],
  ['a b', 'http://127.0.0.1'],
])('a node that asked %s is sent back to %s', async ([host, expected]) => {
  const { api } = fakeApi()
  const reply = await api.inject({ url: '/boot', headers: { host: host! }, remoteAddress: NODE })
  expect(reply.body).toContain(`chain ${expected}`)
})

test('the configured address goes before what the node asked', async () => {
  const { api } = fakeApi({ public_url: 'http://ips/' })
  for (const url of ['/boot', '/boot/ipxe', '/boot/init']) expect((await api.inject({ url, headers: IPXE, remoteAddress: NODE })).body).toContain('chain http://ips/boot/v1/decide')
})

test('an asset comes whole, in parts, and as its head alone', async () => {
  const { api } = fakeApi()
  const file = new URL('fakes.ts', import.meta.url)
  const whole = await api.inject({ url: '/boot/v1/asset/vmlinuz', remoteAddress: NODE })
  expect(whole.rawPayload.equals(readFileSync(file))).toBe(true)
  expect(whole.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff', 'accept-ranges': 'bytes' })
  const part = await api.inject({ url: '/boot/v1/asset/vmlinuz', headers: { range: 'bytes=2-5' }, remoteAddress: NODE })
  expect([part.statusCode, part.headers['content-range'], part.rawPayload]).toEqual([206, `bytes 2-5/${statSync(file).size}`, readFileSync(file).subarray(2, 6)])
  const head = await api.inject({ method: 'HEAD', url: '/boot/v1/asset/vmlinuz', remoteAddress: NODE })
  expect([head.statusCode, head.headers['content-length'], head.body]).toEqual([200, String(statSync(file).size), ''])
})

test.for(['/boot/v1/asset/none', '/boot/v1/asset/..%2f..%2fetc/passwd', '/boot/v1/asset/%2e%2e%2fpasswd', '/boot/v1/asset/'])('%s is a 404 that iPXE sees', async (url) => {
  expect((await fakeApi().api.inject({ url, headers: IPXE, remoteAddress: NODE })).statusCode).toBe(404)
})

test.for(['bytes=99999999-', 'bytes=5-1', 'bytes=nonsense'])('a part that an asset does not have (%s) is 416, no fault of the hub', async (range) => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ url: '/boot/v1/asset/vmlinuz', headers: { range }, remoteAddress: NODE })
  expect([reply.statusCode, reply.body.startsWith('bad-range: ')]).toEqual([416, true])
  expect(calls.logged.filter((line) => line.startsWith('error'))).toEqual([])
})

test('a URL that cannot be decoded is refused in the caller\'s medium, and counted', async () => {
  const { api, parts } = fakeApi()
  const reply = await api.inject({ url: '/boot/v1/asset/%', headers: IPXE, remoteAddress: NODE })
  expect([reply.statusCode, reply.body.startsWith('bad-request: '), reply.headers['x-content-type-options']]).toEqual([400, true, 'nosniff'])
  expect(await parts.metrics.registry.metrics()).toContain('hps_http_refused_total{reason="malformed"} 1')
})

test('a file that may not be fetched is refused as a status too: iPXE would boot a script in its place', async () => {
  const reply = await fakeApi().api.inject({ url: '/boot/v1/asset/vmlinuz', headers: IPXE, remoteAddress: '192.0.2.1' })
  expect([reply.statusCode, reply.body.startsWith('forbidden: ')]).toEqual([403, true])
})

test('a line by HTTP becomes a message of the node that asked, and iPXE goes on', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ url: '/boot/v1/log?s=a1b2c3&stage=kernel.fetch&level=err&text=could+not fetch %5B1%5D%0A<0>forged', headers: IPXE, remoteAddress: NODE })
  expect([reply.statusCode, reply.body]).toEqual([200, '#!ipxe\n'])
  expect(calls.ingests).toEqual([{ address: NODE, form: 'lines', text: '<11>1 - - hps-boot - - [hps@32473 session="a1b2c3" stage="kernel.fetch"] could+not fetch [1]\\x0a<0>forged\n' }])
})

test('words that the contract does not know do not get into the label', async () => {
  const { api, calls } = fakeApi()
  await api.inject({ url: '/boot/v1/log?s=%22%5D%20x&stage=made.up&level=loud&f=n_install&text=hello', remoteAddress: NODE })
  expect(calls.ingests[0]!.text).toBe('<14>1 - - hps-boot - - [hps@32473 function="n_install"] hello\n')
})

test('the last call before the kernel is the stage "ready"', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ url: '/boot/v1/ready?s=a1b2c3', headers: { 'user-agent': 'curl/8' }, remoteAddress: NODE })
  expect(reply.body).toBe('logged\n')
  expect(calls.ingests[0]!.text).toBe('<14>1 - - hps-boot - - [hps@32473 session="a1b2c3" stage="ready"] kernel starts\n')
})

test('a line without text and stage is refused', async () => {
  expect((await fakeApi().api.inject({ url: '/boot/v1/log?s=a1b2c3', remoteAddress: NODE })).statusCode).toBe(400)
})
