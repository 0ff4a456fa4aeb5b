import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { freePort, run, startChild, until } from '../support/child.ts'
import { aHub, placeHub, ROOT, startHub, untilFound } from '../support/hub.ts'
import { openTcp, sendTcp } from '../support/senders.ts'

/** The life of the process: what it promises at SIGTERM, and how it refuses to start. */
const STOP_WITHIN_MS = 5000
/** A hub that has not refused by then has started. */
const REFUSED_WITHIN_MS = 15_000
const HPS = join(ROOT, 'hps')

test('SIGTERM: exit 0 within 5 s, and everything that was sent before is there after the next start', async () => {
  const place = await placeHub()
  const hub = await startHub(place)
  const lines = Array.from({ length: 5000 }, (_, i) => `<14>1 - tch-1 stopword - - - number ${i}.`)
  await sendTcp(place.syslogPort, [`${lines.join('\n')}\n`])
  await untilFound(hub, '"number 0."') // the connection was accepted and is being read
  expect((await hub.post(['stopword by http'])).ok).toBe(true)
  const { code, tookMs } = await hub.stop()
  expect({ code, output: code === 0 ? '' : hub.child.output() }).toEqual({ code: 0, output: '' })
  expect(tookMs).toBeLessThan(STOP_WITHIN_MS)
  const again = await startHub(place)
  expect((await again.searchAll('app:stopword')).length).toBe(5000)
  expect((await again.search('"stopword by http"')).length).toBe(1)
  expect((await again.stop()).code).toBe(0)
  place.remove()
})

test('SIGTERM under load, with open streams and idle connections: exit 0 within 5 s, and no acknowledged message is lost', async () => {
  const place = await placeHub()
  const hub = await startHub(place)
  const idle = await openTcp(place.syslogPort)
  idle.on('error', () => undefined)
  const stream = await hub.get('/api/v1/logs/stream', { headers: { accept: 'text/event-stream' } })
  const drained = stream.body!.pipeTo(new WritableStream()).catch(() => undefined)
  const acknowledged: string[] = []
  const post = async (sender: number): Promise<void> => {
    for (let n = 0; hub.child.running(); n++) {
      const lines = Array.from({ length: 50 }, (_, i) => `loadstop s${sender}. n${n}.${i}.`)
      const ok = await hub.post(lines).then((response) => response.ok, () => false)
      if (!ok) return
      acknowledged.push(...lines)
    }
  }
  const senders = [0, 1, 2, 3].map(post)
  const busy = await openTcp(place.syslogPort)
  busy.on('error', () => undefined)
  const flood = setInterval(() => void (busy.destroyed || busy.writableNeedDrain || busy.write('<14>1 - tch-2 floodword - - - water\n'.repeat(500))), 5)
  await delay(1500)
  const { code, tookMs } = await hub.stop()
  clearInterval(flood)
  await Promise.all([...senders, drained])
  idle.destroy()
  busy.destroy()
  expect({ code, output: code === 0 ? '' : hub.child.output() }).toEqual({ code: 0, output: '' })
  expect(tookMs).toBeLessThan(STOP_WITHIN_MS)
  expect(acknowledged.length).toBeGreaterThan(0)
  const again = await startHub(place)
  const found = (await again.searchAll('loadstop')).map((message) => message.text)
  const there = new Set(found)
  expect(found.length).toBe(there.size)
  expect(acknowledged.filter((text) => !there.has(text))).toEqual([])
  await again.kill()
  place.remove()
})

test('SIGTERM while it starts or tests its rules: exit 0 within 5 s, and every part has ended', async () => {
  for (const afterMs of [300, 700, 1200]) {
    const place = await placeHub()
    const child = startChild(HPS, ['serve', '--config', place.configFile], { cwd: place.folder })
    await delay(afterMs)
    const sentMs = performance.now()
    child.process.kill('SIGTERM')
    const code = await child.ended
    // before the program listens to the signal, the shell or Node itself ends by it
    expect([0, 'SIGTERM']).toContain(code)
    expect(performance.now() - sentMs).toBeLessThan(STOP_WITHIN_MS)
    expect(child.output()).not.toContain('did not end in time')
    place.remove()
  }
})

test('SIGHUP reads rules and routes anew and ends nothing', async () => {
  await using hub = await aHub()
  await untilFound(hub, 'app:hps-hub "Rules loaded"')
  hub.child.process.kill('SIGHUP')
  await untilFound(hub, 'app:hps-hub "Reading rules, routes, tags and certificates anew"')
  await until('the rules were loaded twice', async () => (await hub.search('app:hps-hub "Rules loaded"')).length === 2)
  expect(hub.child.running()).toBe(true)
})

test('SIGHUP reads syslog.tags anew: messages are mapped from then on, and a faulty configuration changes nothing', async () => {
  await using hub = await aHub()
  const config = readFileSync(hub.configFile, 'utf8')
  const send = async (line: string): Promise<void> => {
    await sendTcp(hub.syslogPort, [`<38>${line}\n`])
    await untilFound(hub, `"${line}"`)
  }
  const reload = async (text: string, tags: string): Promise<void> => {
    writeFileSync(hub.configFile, text.replace('syslog:\n', `syslog:\n  tags: ${tags}\n`))
    const before = (await hub.search('app:hps-hub "certificates anew"')).length
    hub.child.process.kill('SIGHUP')
    await until('the hub has read it', async () => (await hub.search('app:hps-hub "certificates anew"')).length > before)
  }
  await send('LINK one')
  await reload(config, '[{ starts: LINK, app: switch }]')
  await send('LINK two')
  await reload(config, '[{ starts: LINK }]')
  await send('LINK three')
  expect((await hub.searchAll('LINK')).map(({ app, text }) => `${app}: ${text}`)).toEqual([': LINK one', 'switch: LINK two', 'switch: LINK three'])
  expect(hub.child.output()).toContain('must have either app or app_word')
})

test('a rule file with a fault is refused and shown, the rules before stay; mended, it is in use', async () => {
  const rules = mkdtempSync(join(tmpdir(), 'hps-rules-'))
  const good = readFileSync(join(ROOT, 'rules/hub.yaml'), 'utf8')
  writeFileSync(join(rules, 'hub.yaml'), good)
  await using hub = await aHub({ rules: { directories: [rules] } })
  const loaded = async (): Promise<string | undefined> => /^hps_rules_loaded (\d)$/m.exec(await (await hub.get('/metrics')).text())?.[1]
  await until('the rules are loaded', async () => (await loaded()) === '1')
  writeFileSync(join(rules, 'hub.yaml'), `${good}\nnonsense: 1\n`)
  await until('the fault is shown', async () => (await loaded()) === '0')
  await untilFound(hub, 'app:hps-hub "Rules refused" "hub.yaml:" nonsense')
  writeFileSync(join(rules, 'hub.yaml'), good)
  await until('the rules are in use again', async () => (await loaded()) === '1')
  rmSync(rules, { recursive: true })
})

test('SIGINT stops it the same way', async () => {
  await using hub = await aHub()
  hub.child.process.kill('SIGINT')
  expect(await hub.child.ended).toBe(0)
})

test('a bad configuration: exit 2, and every fault at once with file, line and column', async () => {
  const place = await placeHub()
  writeFileSync(place.configFile, `data: ${place.data}
syslog:
  listeners:
    - { name: udp, transport: udpp, port: 5514 }
    - { name: tcp, transport: tcp, port: 70000 }
  max_framee: 64KiB
store:
  retention: a fortnight
http:
  port: eighty
`)
  const { code, output } = await run(HPS, ['serve', '--config', place.configFile], { cwd: place.folder, withinMs: REFUSED_WITHIN_MS })
  expect(code).toBe(2)
  const places = [...output.matchAll(/hub\.yaml:(\d+):(\d+): /g)].map(([, line, column]) => [Number(line), Number(column)])
  expect(places.map(([line]) => line).sort((a, b) => a! - b!)).toEqual([4, 5, 6, 8, 10])
  for (const [, column] of places) expect(column).toBeGreaterThan(0)
  expect(output).toMatch(/max_framee/)
  place.remove()
})

test('a configuration that is not YAML: exit 2 with the place', async () => {
  const place = await placeHub()
  writeFileSync(place.configFile, 'data: x\nhttp: {port: 1\n')
  const { code, output } = await run(HPS, ['serve', '--config', place.configFile], { cwd: place.folder, withinMs: REFUSED_WITHIN_MS })
  expect(code).toBe(2)
  expect(output).toMatch(/hub\.yaml:\d+:\d+: /)
  place.remove()
})

test('a port that is taken: the hub does not start, and names the listener', async () => {
  await using hub = await aHub()
  const place = await placeHub({ syslog: { listeners: [{ name: 'taken', transport: 'tcp', address: '127.0.0.1', port: hub.syslogPort }, { name: 'free', transport: 'udp', address: '127.0.0.1', port: await freePort() }] } })
  const { code, output } = await run(HPS, ['serve', '--config', place.configFile], { cwd: place.folder, withinMs: REFUSED_WITHIN_MS })
  expect(code).toBe(1)
  expect(output).toContain('taken')
  expect(output).toContain('another program has this port')
  expect(output).not.toContain('did not end in time')
  place.remove()
})

test('a data folder that another hub uses is left alone', async () => {
  await using hub = await aHub()
  const place = await placeHub({ data: hub.data })
  const { code, output } = await run(HPS, ['serve', '--config', place.configFile], { cwd: place.folder, withinMs: REFUSED_WITHIN_MS })
  expect(code).toBe(1)
  expect(output).toContain(hub.data)
  expect((await hub.get('/readyz')).status).toBe(200)
  place.remove()
})
