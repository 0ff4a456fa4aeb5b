import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ackLine, ackScript, LOGGED_FIELDS, NOT_LOGGED_FIELDS } from '#api/ack-text.ts'
import type { AckView } from '#api/index.ts'
import { bearer, fakeApi, logged, notLogged, OPERATOR } from './fakes.ts'

const LOGGED = 'logged seq=9 key=known-key-1 received=2026-11-22T03:04:05.000Z stored_ms=4 transport=udp tls=no listener=udp framing=datagram dialect=rfc3164 deviations=no-year,no-zone node=tch-001 session=a1b2c3 source=10.0.0.7 certificate=- method=lease confidence=95 sent=2026-11-22T03:04:04.000Z ahead_ms=-1000 cut=no doubled=no arrivals=1'
const NOT_LOGGED = 'not-logged key=other-key-1 waited_ms=0 complete=yes address=10.0.0.7 heard=udp@2026-11-22T03:04:00.000Z malformed=udp@2026-11-22T03:03:00.000Z check=bad-key,no-wait'

test.for<[url: string, headers: Record<string, string>, body: string]>([
  ['/api/v1/logs/ack?key=known-key-1', { 'user-agent': 'curl/8.5.0' }, `${LOGGED}\n`],
  ['/boot/v1/log/ack?key=known-key-1', {}, `${LOGGED}\n`],
  ['/boot/v1/log/ack?key=other-key-1', { 'user-agent': 'Wget' }, `${NOT_LOGGED}\n`],
  ['/api/v1/logs/ack?key=other-key-1', {}, JSON.stringify(notLogged())],
  ['/api/v1/logs/ack?key=known-key-1', { 'user-agent': 'curl/8.5.0', accept: 'application/json' }, JSON.stringify(logged())],
  ['/boot/v1/log/ack?key=known-key-1', { 'user-agent': 'Mozilla/5.0', accept: 'text/html' }, JSON.stringify(logged())],
  ['/boot/v1/log/ack?key=known-key-1', { 'user-agent': 'iPXE/1.0.0' }, ackScript(logged())],
  ['/boot/v1/log/ack?key=other-key-1', { 'user-agent': 'iPXE/1.0.0' }, ackScript(notLogged())],
])('%s for %j is answered in the words of who asks', async ([url, headers, body]) => {
  expect((await fakeApi().api.inject({ url, headers, remoteAddress: '10.0.0.7' })).body).toBe(body)
})

test.for(['/api/v1/logs/ack?key=short', '/api/v1/logs/ack?key=with%20blank', '/api/v1/logs/ack?key=known-key-1&wait=31', '/api/v1/logs/ack?key=known-key-1&wait=-1', '/api/v1/logs/ack'])('%s is a bad request', async (url) => {
  expect((await fakeApi().api.inject({ url, headers: bearer(OPERATOR) })).statusCode).toBe(400)
})

describe('who asks', () => {
  const ROLE = { node: { role: 'node', name: 'tch-001', nodeId: 1, address: '10.0.0.7' }, stranger: { role: 'anonymous', name: '10.0.0.9', address: '10.0.0.9' } } as const

  test('a node of the boot network is known as that node', async () => {
    const { api, calls } = fakeApi()
    await api.inject({ url: '/boot/v1/log/ack?key=known-key-1', remoteAddress: '10.0.0.7' })
    expect(calls.acks[0]!.caller).toEqual(ROLE.node)
  })

  test('a machine of the boot network that is no node asks for its own address, and only there', async () => {
    const { api, calls } = fakeApi()
    expect((await api.inject({ url: '/boot/v1/log/ack?key=known-key-1', remoteAddress: '10.0.0.9' })).statusCode).toBe(200)
    expect(calls.acks.map(({ caller }) => caller)).toEqual([ROLE.stranger])
    expect((await api.inject({ url: '/api/v1/logs/ack?key=known-key-1', remoteAddress: '10.0.0.9' })).statusCode).toBe(401)
    expect((await api.inject({ url: '/boot/v1/log/ack?key=known-key-1', remoteAddress: '192.0.2.1' })).statusCode).toBe(403)
  })

  test('an operator who asks from the boot network is an operator', async () => {
    const { api, calls } = fakeApi()
    await api.inject({ url: '/boot/v1/log/ack?key=known-key-1', headers: bearer(OPERATOR), remoteAddress: '10.0.0.7' })
    expect(calls.acks[0]!.caller.role).toBe('operator')
  })
})

describe('waiting', () => {
  const wait = ({ api }: Pick<ReturnType<typeof fakeApi>, 'api'>, remoteAddress: string) => api.inject({ url: '/api/v1/logs/ack?key=known-key-1&wait=30', headers: bearer(OPERATOR), remoteAddress })

  test('callers are bounded per address, and shown', async () => {
    const hub = fakeApi()
    const { promise, resolve } = Promise.withResolvers<AckView>()
    hub.parts.logs.ack = () => promise
    const waiting = Array.from({ length: 8 }, () => wait(hub, '10.0.0.7'))
    await new Promise(setImmediate)
    expect((await Promise.race([wait(hub, '10.0.0.7'), ...waiting])).statusCode).toBe(429)
    const other = wait(hub, '10.0.0.8')
    await new Promise(setImmediate)
    expect(await hub.parts.metrics.expose()).toContain('hps_http_ack_waiters 9')
    resolve(notLogged())
    expect((await Promise.all([...waiting, other])).every(({ statusCode }) => statusCode === 200)).toBe(true)
    expect(await hub.parts.metrics.expose()).toContain('hps_http_ack_waiters 0')
  })

  test('callers are bounded in all', async () => {
    const hub = fakeApi()
    const { promise, resolve } = Promise.withResolvers<AckView>()
    hub.parts.logs.ack = () => promise
    const waiting = Array.from({ length: 1000 }, (_, n) => wait(hub, `10.1.${n >> 8}.${n & 255}`))
    await new Promise((done) => setTimeout(done, 0))
    while (!(await hub.parts.metrics.expose()).includes('hps_http_ack_waiters 1000')) await new Promise(setImmediate)
    expect((await wait(hub, '10.2.0.1')).statusCode).toBe(429)
    resolve(logged())
    expect((await Promise.all(waiting)).every(({ statusCode }) => statusCode === 200)).toBe(true)
    expect((await wait(hub, '10.2.0.1')).statusCode).toBe(200)
  })

  test('when the hub stops, who waits is told to ask again, and not that nothing came', async () => {
    const hub = fakeApi()
    hub.parts.logs.ack = ({ signal }) => new Promise((resolve) => signal!.addEventListener('abort', () => resolve(notLogged()), { once: true }))
    const waiting = wait(hub, '10.0.0.7')
    await new Promise(setImmediate)
    await Promise.all([hub.api.close(), waiting.then((reply) => expect([reply.statusCode, reply.json().code]).toEqual([503, 'shutting-down']))])
  })
})

describe('the line for a shell', () => {
  test.for<[name: string, value: string, shown: string]>([
    ['blanks', 'web 1\t2', 'web%201%092'],
    ['a new line', 'a\nlogged seq=1', 'a%0Alogged%20seq%3D1'],
    ['what a shell obeys', '$(reboot)`x`;*?[a]~"\'\\|&<>', '%24%28reboot%29%60x%60%3B%2A%3F%5Ba%5D%7E%22%27%5C%7C%26%3C%3E'],
    ['what a terminal obeys', '\u001b[2J\u009b', '%1B%5B2J%C2%9B'],
    ['other scripts', 'größe', 'gr%C3%B6%C3%9Fe'],
    ['half a letter', 'a\ud800', 'a%EF%BF%BD'],
    ['nothing', '', '-'],
    ['the sign for nothing', '-', '%2D'],
    ['a per cent', '100%', '100%25'],
    ['a very long one', 'x'.repeat(1000), `${'x'.repeat(255)}%E2%80%A6`],
  ])('%s in a name stays one value', ([, value, shown]) => {
    expect(ackLine(logged({ certificate: value }))).toContain(` certificate=${shown} method=`)
  })

  test('names that attackers make cannot add, move or take away a field, whichever shell reads them', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constantFrom(' logged seq=1', '\r\nlogged', '=', '-', '%', '\u202e'))
    const view = fc.record({ node: fc.option(text), session: fc.option(text), source: text, certificate: fc.option(text), listener: text, deviations: fc.array(text, { maxLength: 3 }) })
    fc.assert(fc.property(view, (over) => {
      const line = ackLine(logged(over))
      expect(line).toMatch(/^logged( [a-z_]+=[A-Za-z0-9._:@+/#%,-]+)+$/)
      const fields = new Map(line.split(' ').slice(1).map((field) => field.split('=') as [string, string]))
      expect([...fields.keys()]).toEqual(LOGGED_FIELDS)
      const { node, certificate } = over
      for (const [name, value] of [['node', node], ['certificate', certificate]] as const) {
        if (value !== null && value !== '' && value.length <= 256) expect(decodeURIComponent(fields.get(name)!)).toBe(value.toWellFormed())
      }
    }))
    fc.assert(fc.property(text, text, (transport, address) => {
      const line = ackLine(notLogged({ address, heard: [{ transport, listener: '', at: '2026-11-22T03:04:00.000Z' }] }))
      expect(line).toMatch(/^not-logged( [a-z_]+=[A-Za-z0-9._:@+/#%,-]+)+$/)
      expect(line.split(' ').slice(1).map((field) => field.split('=')[0])).toEqual(NOT_LOGGED_FIELDS)
    }))
  })

  test('a script can take it apart', () => {
    const line = ackLine(logged({ certificate: '$(echo broken); * -' }))
    const script = 'for f in $1; do case $f in certificate=*) eval "c=${f#*=}"; echo "$c" ;; esac; done; echo "$1" | grep -q ^logged && echo yes'
    expect(execFileSync('sh', ['-c', script, 'sh', line], { encoding: 'utf8' })).toBe('%24%28echo%20broken%29%3B%20%2A%20-\nyes\n')
  })
})

describe('what iPXE runs', () => {
  test('shows that it arrived', () => {
    expect(ackScript(logged())).toBe([
      '#!ipxe',
      'echo HPS hub: logged seq=9 key=known-key-1 received=2026-11-22T03:04:05.000Z stored_ms=4',
      'echo   transport=udp tls=no listener=udp framing=datagram dialect=rfc3164 deviations=no-year,no-zone',
      'echo   node=tch-001 session=a1b2c3 source=10.0.0.7 certificate=- method=lease confidence=95',
      'echo   sent=2026-11-22T03:04:04.000Z ahead_ms=-1000 cut=no doubled=no arrivals=1',
      '',
    ].join('\n'))
  })

  test('fails where it did not, so that `chain … || goto` goes elsewhere', () => {
    expect(ackScript(notLogged())).toMatch(/^#!ipxe\necho HPS hub: not-logged key=other-key-1 [^\n]+\nexit 1\n$/)
  })

  test('is no more than words, whatever a name holds', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => {
      for (const line of ackScript(logged({ node: name, certificate: name })).split('\n').slice(1, -1)) expect(line).toMatch(/^echo [A-Za-z0-9 .,:/_()=+@<>?-]+$/)
    }))
  })
})
