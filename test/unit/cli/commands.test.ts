import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aMessage, aNode, aSession, startFakeHub, TOKEN, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

let hub: FakeHub
/** Where a hub was, and is no more. */
let absent: string
beforeAll(async () => {
  hub = await startFakeHub()
  const gone = await startFakeHub()
  absent = gone.url
  await gone[Symbol.asyncDispose]()
})
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => {
  hub.asked.length = 0
  Object.assign(hub, { messages: [], sessions: [], nodes: [], refusals: new Map(), streams: [], complete: true })
})
const three = () => [1, 2, 3].map((seq) => aMessage({ seq, text: `line ${seq}` }))

describe('logs', () => {
  test('a message is one line: when, about whom, which boot, how bad, what program, what it said', async () => {
    hub.messages = [aMessage({ severity: 'err', text: 'it broke' })]
    expect(await runLine('logs', { hub })).toEqual({ code: 0, talk: '', out: '2026-11-22T15:00:00.000Z tch-001 a1b2c3 err sshd[702]: it broke\n' })
  })

  test('with --time boot a line begins with the seconds since the start of its machine, and with the receipt where there is no boot', async () => {
    hub.messages = [aMessage({ text: 'one', since_boot_ms: 12_345, since_boot_by: 'sent' }), aMessage({ text: 'two' })]
    const { out } = await runLine('logs --time boot', { hub })
    expect(out.split('\n').map((line) => line.slice(0, 14))).toEqual(['[      12.345]', hub.messages[1]!.received.slice(0, 14), ''])
    expect((await runLine('logs', { hub })).out).toContain(hub.messages[0]!.received)
  })

  test('with --fields what it says under a name stands below it, and nothing in it can move the cursor', async () => {
    hub.messages = [aMessage({ text: 'a=1', fields: [{ kind: 'key-value', name: 'a\u001b', value: '1\u001b[2J' }], fields_cut: true })]
    const { out } = await runLine('logs --fields', { hub })
    expect(out.split('\n').slice(1)).toEqual(['    key-value a\\x1b=1\\x1b[2J', '    … there is more than is shown', ''])
    expect(hub.asked.at(-1)!.parameters).toMatchObject({ fields: '1' })
    await runLine('logs', { hub })
    expect(hub.asked.at(-1)!.parameters).not.toHaveProperty('fields')
  })

  test('a message without node, session or program says what there is', async () => {
    hub.messages = [aMessage({ node: null, session: null, host: '', app: '', procid: '', text: 'hello' })]
    expect((await runLine('logs', { hub })).out).toBe('2026-11-22T15:00:00.000Z 10.0.0.11 - info: hello\n')
  })

  test.for<readonly [string, string]>([
    ['logs', 'line 1,line 2,line 3'], ['logs -n 2', 'line 2,line 3'], ['logs -r', 'line 3,line 2,line 1'], ['logs --oldest -n 2', 'line 1,line 2'], ['logs --oldest -r -n 2', 'line 2,line 1'], ['logs -n all', 'line 1,line 2,line 3'],
  ])('%s prints %s', async ([line, expected]) => {
    hub.messages = three()
    const { out } = await runLine(line, { hub })
    expect(out.trimEnd().split('\n').map((text) => text.slice(text.indexOf('line')))).toEqual(expected.split(','))
  })

  test('more than a page is fetched page after page', async () => {
    hub.messages = Array.from({ length: 1200 }, (_, index) => aMessage({ seq: index + 1, text: `line ${index + 1}` }))
    const { out } = await runLine('logs -n 1100', { hub })
    expect(out.split('\n')).toHaveLength(1101)
    expect(out.split('\n').at(0)).toMatch(/line 101$/)
    expect(hub.asked.map(({ parameters }) => [parameters['limit'], parameters['cursor']])).toEqual([['500', undefined], ['500', '500'], ['100', '1000']])
  })

  test.for<readonly [string, string]>([
    ['logs link "is_down"', 'link "is down"'], ['logs --node tch-001 -p 3', 'node:tch-001 severity:<=err'], ['logs -p warn -b a1b2c3', 'session:a1b2c3 severity:<=warning'], ['logs -S 15m -U 5m', 'since:15m until:5m'],
    ['logs -S 2026-11-22T14:00:00Z', 'since:2026-11-22T14:00:00.000Z'], ['logs --node my_node', 'node:"my node"'], ['logs -b #7', 'session:#7'],
  ])('%s asks for %s', async ([line, query]) => {
    hub.messages = three()
    await runLine(line, { hub })
    expect(hub.asked.at(-1)!.parameters['q']).toBe(query)
  })

  test('-b 0 and -b -1 count the boots of a node back from the latest', async () => {
    hub.messages = three()
    hub.sessions = [aSession({ id: 9, hash: 'bbbbbb' }), aSession({ id: 8, hash: 'aaaaaa' })]
    await runLine('logs --node tch-001 -b -1', { hub })
    expect(hub.asked.at(-1)!.parameters['q']).toBe('node:tch-001 session:aaaaaa')
    expect(await runLine('logs --node tch-001 -b -2', { hub })).toMatchObject({ code: 1, talk: expect.stringContaining('has 2 boot sessions') })
    expect(await runLine('logs -b 0', { hub })).toMatchObject({ code: 2, talk: expect.stringContaining('--node NAME') })
  })

  test('-o json is one JSON value a line, and nothing else', async () => {
    hub.messages = three()
    const { out } = await runLine('logs -o json', { hub })
    expect(out.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(hub.messages)
  })

  test('-o raw is the bytes as they were received', async () => {
    hub.messages = three()
    expect((await runLine('logs -o raw', { hub })).out).toBe('<30>raw 1 \u001b[2J\n<30>raw 2 \u001b[2J\n<30>raw 3 \u001b[2J\n')
  })

  test.for(['text', 'json'])('in -o %s nothing that a sender wrote reaches the terminal as a control character', async (form) => {
    const evil = 'a\u001b[2J\u009b1m\u202eb\nc\r'
    hub.messages = [aMessage({ text: evil, app: evil, node: evil, procid: evil })]
    const { out } = await runLine(`logs -o ${form}`, { hub, isTerminal: true, env: { NO_COLOR: '1' } })
    // oxlint-disable-next-line no-control-regex -- looking for control characters is the purpose
    expect(out.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    if (form === 'json') expect(JSON.parse(out)).toMatchObject({ text: evil })
  })

  test('nothing found is said to people, and is code 1', async () => expect(await runLine('logs', { hub })).toEqual({ code: 1, out: '', talk: '-- No entries --\n' }))

  test('a search that was stopped is said to people, and is code 1, with what was found', async () => {
    Object.assign(hub, { messages: three(), complete: false })
    expect(await runLine('logs', { hub })).toMatchObject({ code: 1, out: expect.stringContaining('line 3'), talk: expect.stringContaining('stopped at its deadline') })
  })
})

describe('tail', () => {
  const event = (seq: number): string => `id: ${seq}\nevent: message\ndata: ${JSON.stringify(aMessage({ seq, text: `line ${seq}` }))}\n\n`

  test('prints what is there, follows, resumes after the last message when the connection ends, and says what was skipped', async () => {
    hub.messages = three()
    hub.streams = [`: hello\n\n${event(4)}`, `id: 9\nevent: skipped\ndata: {"fromSeq":5,"toSeq":9,"count":4}\n\n${event(10)}`]
    const stop = new AbortController()
    const { code, out, talk } = await runLine('tail -n 2 app:sshd', { hub, signal: stop.signal, onOut: (all) => all.includes('line 10') && stop.abort() })
    expect(code).toBe(0)
    expect(out.match(/line \d+/g)).toEqual(['line 2', 'line 3', 'line 4', 'line 10'])
    expect(hub.asked.filter(({ path }) => path === '/logs/stream').map(({ lastEventId, parameters }) => [lastEventId, parameters['q']])).toEqual([['3', 'app:sshd'], ['4', 'app:sshd']])
    expect(talk).toContain('connected again, after message 4')
    expect(talk).toContain("skipped 4 messages, too many to follow; see them with: hps logs --oldest -n all 'app:sshd seq:>=5 seq:<=9'")
  })

  test('with --fields asks for them before and while it follows', async () => {
    hub.messages = three()
    hub.streams = [event(4)]
    const stop = new AbortController()
    await runLine('tail --fields', { hub, signal: stop.signal, onOut: (all) => all.includes('line 4') && stop.abort() })
    expect(hub.asked.filter(({ path }) => path === '/logs/stream' || path === '/logs').map(({ parameters }) => parameters['fields'])).toEqual(['1', '1'])
  })

  test('an event may come in any pieces', async () => {
    const { readEvents } = await import('../../../src/cli/sse.ts')
    const bytes = new TextEncoder().encode(`${event(4)}: beat\n\nid: 5\r\nevent: skipped\r\ndata: ü\r\n\r\nid: 6\nda`)
    for (const size of [1, 2, 3, 7, 1000]) {
      const pieces = async function* () {
        for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
      }
      const events = []
      for await (const one of readEvents(pieces())) events.push([one.event, one.id, one.event === 'skipped' ? one.data : ''])
      expect(events).toEqual([['message', '4', ''], ['skipped', '5', 'ü']])
    }
  })

  test('a hub that is not there is said at once', async () => expect(await runLine('tail', { env: { HPS_URL: absent } })).toMatchObject({ code: 1, talk: expect.stringContaining(`the hub is not running at ${absent}`) }))
})

describe('lists', () => {
  test('what is no session is a mistake in the command, told before the hub is asked', async () => {
    const asked = hub.asked.length
    expect(await runLine('session xyz', { hub })).toMatchObject({ code: 2, out: '', talk: expect.stringContaining('xyz is not a session') })
    expect(hub.asked).toHaveLength(asked)
  })

  test('sessions are a table, or JSON', async () => {
    hub.sessions = [aSession(), aSession({ id: 6, hash: '#6', node: 'sch-001', state: 'ended', end: 'reboot', stage: null, messages: 1234, completeness: { verdict: 'gaps', reasons: [{ reason: 'shed', count: 9, text: 'x' }, { reason: 'missing', count: 12, text: 'y' }, { reason: 'cut', count: 1, text: 'z' }, { reason: 'doubled', count: 100, text: 'w' }] } })]
    expect((await runLine('sessions', { hub })).out).toBe(
      'SESSION  NODE     KIND  STATE   STAGE     OPENED                    LAST MESSAGE              MESSAGES  COMPLETE\n' +
        'a1b2c3   tch-001  boot  open    os.ready  2026-11-22T14:59:00.000Z  2026-11-22T15:00:00.000Z         2  yes\n' +
        '#6       sch-001  boot  reboot  -         2026-11-22T14:59:00.000Z  2026-11-22T15:00:00.000Z      1234  NO 13\n',
    )
    expect((await runLine('sessions -o json', { hub })).out.split('\n')).toHaveLength(3)
  })

  test('sessions of one node are asked for by name', async () => {
    hub.sessions = [aSession()]
    await runLine('sessions tch-001 -n 5', { hub })
    expect(hub.asked.at(-1)!.parameters).toEqual({ node: 'tch-001', limit: '5' })
  })

  test('one session is its summary and its messages', async () => {
    hub.sessions = [aSession({ hashes: ['a1b2c3', 'ffffff'], messages: 3 })]
    hub.messages = three()
    const { out, code } = await runLine('session a1b2c3', { hub })
    expect(code).toBe(0)
    expect(out).toContain('session:      a1b2c3 (also ffffff)\nnode:         tch-001\n')
    expect(out.match(/line \d/g)).toEqual(['line 1', 'line 2', 'line 3'])
    expect(hub.asked.at(-1)!.parameters).toMatchObject({ q: 'session:a1b2c3', order: 'oldest' })
  })

  test('a session without a hash is asked for by its number', async () => {
    hub.sessions = [aSession({ hash: '#7' })]
    await runLine('session #7', { hub })
    expect(hub.asked.map(({ path, parameters }) => [path, parameters['q']])).toEqual([['/sessions/#7', undefined], ['/logs', 'session:"#7"']])
  })

  test.for<readonly [string, string]>([
    ['sources', '10.0.0.11'], ['sources list', 'rfc3164 100 %, raw <1 %'], ['sources', 'raw <1 %, kmsg <1 %, +1 '], ['sources show 1', '1 message (20 %) raw'], ['sources', '+01:00 learned'], ['sources', '-1.5 s'], ['sources show 10.0.0.11', 'Use ISO stamps.'], ['sources show 1', '4 messages (80 %) rfc3164, no-year, joined'], ['sinks', 'full: no space left'], ['outbox', 'a link is down'], ['rules list', 'net.link'], ['rules', 'net.link'], ['token list', 'wall display'], ['nodes', 'tch-001'], ['nodes list', 'tch-001'], ['nodes show tch-001', 'rack=r1'], ['nodes show tch-001', '-1.5 s against the hub'],
  ])('%s shows %s, as a table and as JSON', async ([line, expected]) => {
    hub.nodes = [aNode()]
    expect(await runLine(line, { hub })).toMatchObject({ code: 0, talk: '', out: expect.stringContaining(expected) })
    const { out } = await runLine(`${line} -o json`, { hub })
    expect(JSON.parse(out)).toBeTypeOf('object')
  })

  test('a sender is shown with every form, its sample and what mends it; nothing in it can move the cursor', async () => {
    const { out } = await runLine('sources show 10.0.0.11', { hub })
    expect(out).toContain('mend: Use ISO stamps.\n')
    expect(out).toContain('beep \\x1b[2J')
    expect(out).toContain('last: gone, no longer stored')
    expect(out).toContain('tokyo\\x1b[2J')
    expect(out).not.toContain('\u001b')
    expect(out).not.toContain('mend: \n')
  })

  test('a sender that nobody knows is said by the hub', async () => expect(await runLine('sources show 10.9.9.9', { hub })).toMatchObject({ code: 1, talk: expect.stringContaining('no route /sources/10.9.9.9') }))

  test.for(['nodes list', 'sessions', 'nodes history tch-001'])('%s that finds nothing is code 1', async (line) => expect(await runLine(line, { hub })).toMatchObject({ code: 1, out: '', talk: expect.stringMatching(/^-- No \w+ --\n$/) }))
})

describe('changes', () => {
  test('nodes set sends what was said, and only that', async () => {
    hub.nodes = [aNode()]
    const { code } = await runLine('nodes set tch-001 --mac 52:54:00:00:00:01 --mac 52:54:00:00:00:02 --label rack=r2 --label old= --profile thin --event op.configure --alias ', { hub })
    expect(code).toBe(0)
    expect(hub.asked.at(-1)).toMatchObject({ method: 'PATCH', path: '/nodes/tch-001' })
    expect(JSON.parse(hub.asked.at(-1)!.body)).toEqual({ macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'], labels: { rack: 'r2', old: null }, profile: 'thin', event: 'op.configure', aliases: [] })
  })

  test('nodes set with nothing to change is a usage fault', async () => expect(await runLine('nodes set tch-001', { hub })).toMatchObject({ code: 2, talk: expect.stringContaining('nothing to change') }))

  test.for<readonly [string, string]>([
    ['YAML', '- { name: tch-001, macs: ["52:54:00:00:00:01"] }\n- name: tch-002\n'], ['JSON', '[{"name":"tch-001","macs":["52:54:00:00:00:01"]},{"name":"tch-002"}]'], ['a map with nodes', 'nodes:\n  - { name: tch-001, macs: ["52:54:00:00:00:01"] }\n  - name: tch-002\n'],
  ])('nodes import reads %s', async ([, input]) => {
    expect(await runLine('nodes import -', { hub, input })).toEqual({ code: 0, out: '', talk: '1 nodes made, 1 changed\n' })
    expect(JSON.parse(hub.asked.at(-1)!.body)).toEqual({ nodes: [{ name: 'tch-001', macs: ['52:54:00:00:00:01'] }, { name: 'tch-002' }] })
  })

  test('nodes import of a file that cannot be read says where', async () => expect(await runLine('nodes import -', { hub, input: '- a\n- [b\n' })).toMatchObject({ code: 2, talk: expect.stringMatching(/^hps: -:3:1: /) }))

  test('token create prints the secret alone', async () => {
    const { out, talk, code } = await runLine('token create --label wall_display --expires 30d', { hub })
    expect([code, out]).toEqual([0, 'hps_secret\n'])
    expect(talk).toContain('it is not shown again')
    expect(JSON.parse(hub.asked.at(-1)!.body)).toEqual({ role: 'viewer', label: 'wall display', expires: '30d' })
  })

  test('a token of a role is a word, an option, or both when they agree; a terminal gets a link too', async () => {
    await runLine('token create --role metrics --label prometheus', { hub })
    const { talk } = await runLine('token create operator', { hub, isTerminal: true })
    expect(hub.asked.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ role: 'metrics', label: 'prometheus' }, { role: 'operator', label: 'made at the command line' }])
    expect(talk).toContain(`${hub.url}/#/login=hps_secret`)
    expect(await runLine('token create operator --role viewer', { hub })).toMatchObject({ code: 2, talk: expect.stringContaining('one role, not operator and viewer') })
  })

  test('token revoke names the token', async () => {
    expect(await runLine('token revoke 9 --why lost', { hub })).toEqual({ code: 0, out: '', talk: 'token 9 is revoked\n' })
    expect(hub.asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/tokens/9', parameters: { why: 'lost' } })
  })
})

describe('faults', () => {
  test.for<readonly [string, number, string]>([
    ['lgos', 2, "unknown command 'lgos'"], ['logs -n x', 2, 'whole number or `all`'], ['logs -p loud', 2, 'emerg, alert'], ['logs -o xml', 2, 'Allowed choices are text, json, raw'], ['logs -S soon', 2, 'soon is not a time'],
    ['session', 2, "missing required argument 'hash'"], ['token create admin', 2, 'Allowed choices are operator, viewer, metrics'], ['nodes set tch-001 --label rack', 2, 'name=value'], ['serve --port 70000', 2, 'port from 0 to 65535'], ['', 2, 'Usage: hps'],
  ])('`hps %s` is code %i and says %s', async ([line, code, expected]) => expect(await runLine(line, { hub })).toMatchObject({ code, out: '', talk: expect.stringContaining(expected) }))

  test('--version is the version alone', async () => expect(await runLine('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) }))

  test('help is data, and code 0', async () => expect(await runLine('logs --help')).toMatchObject({ code: 0, talk: '', out: expect.stringContaining('Usage: hps logs') }))

  test('a hub that is not there: what happened and what to do', async () =>
    expect(await runLine('logs', { env: { HPS_URL: absent } })).toEqual({ code: 1, out: '', talk: `hps: the hub is not running at ${absent}\n     start it with ./hps serve, or say where it is with --url or HPS_URL\n` }))

  test('no token, or a wrong one, is code 4 and says where it came from', async () => {
    expect(await runLine('logs', { hub, env: { HPS_TOKEN: 'wrong' } })).toMatchObject({ code: 4, talk: expect.stringContaining('the token came from $HPS_TOKEN') })
    expect(await runLine('logs', { hub, env: { HPS_TOKEN: '' } })).toMatchObject({ code: 4, talk: expect.stringContaining('HPS_TOKEN or --token-file') })
  })

  test('a token that may not do it is code 4', async () => {
    hub.refusals.set('/nodes/tch-001', { status: 403, problem: { code: 'forbidden', detail: 'a viewer may only read', request_id: 'r-1' } })
    expect(await runLine('nodes set tch-001 --profile x', { hub })).toMatchObject({ code: 4, talk: expect.stringContaining('a viewer may only read') })
  })

  test('a refusal is told with its request', async () => {
    hub.refusals.set('/logs', { status: 400, problem: { code: 'bad-query', detail: 'column 3: a quote is open\u001b[2J', request_id: 'r-5' } })
    expect(await runLine('logs "a', { hub })).toEqual({ code: 1, out: '', talk: 'hps: column 3: a quote is open\\x1b[2J (request r-5)\n' })
  })

  test('an ambiguous hash is told with the choices', async () => {
    hub.refusals.set('/sessions/a1', { status: 409, problem: { code: 'ambiguous', detail: 'a1 fits 2 sessions', choices: ['a1b2c3', 'a1ffff'], request_id: 'r-6' } })
    expect((await runLine('session a1', { hub })).talk).toBe('hps: a1 fits 2 sessions (request r-6)\n     one of: a1b2c3, a1ffff\n')
  })

  test('something else that listens there is not taken for the hub', async () => {
    hub.refusals.set('/logs', { status: 502, problem: 'no' })
    expect(await runLine('logs', { hub })).toMatchObject({ code: 1, talk: expect.stringContaining('is it the hub that answers at') })
  })
})

describe('colours', () => {
  test.for<readonly [string, boolean, Readonly<Record<string, string>>, boolean]>([
    ['logs', true, {}, true], ['logs', false, {}, false], ['logs', true, { NO_COLOR: '1' }, false], ['logs', true, { NO_COLOR: '' }, true], ['logs', true, { TERM: 'dumb' }, false],
    ['logs --color always', false, {}, true], ['logs --color always', true, { NO_COLOR: '1' }, true], ['logs --color never', true, {}, false], ['--color never logs', true, {}, false],
  ])('`hps %s` on a terminal: %s, with %o: coloured %s', async ([line, isTerminal, env, isColoured]) => {
    hub.messages = [aMessage({ severity: 'err' })]
    const { out } = await runLine(line, { hub, isTerminal, env })
    expect(out.includes('\u001b[31m')).toBe(isColoured)
  })
})

test('the token is sent as it was given', async () => {
  hub.messages = three()
  await runLine('logs', { hub })
  expect(hub.asked[0]!.token).toBe(TOKEN)
})
