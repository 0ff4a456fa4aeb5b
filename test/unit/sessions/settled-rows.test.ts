import { expect, test } from 'vitest'
import { createHub, type Hub } from './kit.ts'

const NODE = '10.9.0.7' // a relay, whose host name counts
const iso = (ms: number) => new Date(ms).toISOString()
const userland = (hub: Hub) => `<14>1 ${iso(hub.nowMs)} node01 app 1 - - hello`
const kernel = (hub: Hub, clockSeconds: number, text = 'eth0: link is down') => `<6>1 ${iso(hub.nowMs)} node01 kernel - - - [${clockSeconds.toFixed(6).padStart(12)}] ${text}`
const dhcpClaim = (hub: Hub) => `<30>1 ${iso(hub.nowMs)} node01 dnsmasq-dhcp 2 - - DHCPACK(eth0) 10.0.0.9 52:54:00:12:34:56 node77`

/** A node whose kernel and operating system have spoken, so that what follows is settled. */
function settledHub(): Hub {
  const hub = createHub()
  hub.send(NODE, [kernel(hub, 20.000_137), userland(hub), userland(hub)])
  return hub
}

test('the next messages of a settled kernel are evidence all the same: its clock, its marks and its start', () => {
  const hub = settledHub()
  const [session] = hub.sessions('node01')
  const bootMs = session!.bootTimeMs!
  hub.wait(60_000)
  hub.send(NODE, [userland(hub), kernel(hub, 81.500_211), kernel(hub, 82.000_307, 'eth0: link is up')])
  hub.send(NODE, [userland(hub)])
  expect(hub.session(session!.id).bootTimeMs).toBeLessThan(bootMs) // 82 s of clock in 80 s: it came up earlier than it seemed
  // told again: known by their marks
  hub.wait(60_000)
  hub.send(NODE, [kernel(hub, 20.000_137), kernel(hub, 81.500_211), kernel(hub, 82.000_307, 'eth0: link is up')])
  hub.wait(5000)
  expect(hub.sessions('node01')).toHaveLength(1)
  // a clock behind the furthest one, and messages never heard: another boot
  hub.wait(3_600_000)
  hub.send(NODE, Array.from({ length: 12 }, (_, i) => kernel(hub, 30 + i * 1.000_371, `another boot ${i}`)))
  hub.wait(5000)
  expect(hub.sessions('node01')).toHaveLength(2)
})

test('a claim about another node by one who may make none is counted with every row, and stays text', () => {
  const hub = settledHub()
  const before = hub.counter('claims-refused')
  const rows = hub.send(NODE, [userland(hub), dhcpClaim(hub), dhcpClaim(hub), userland(hub)])
  expect(hub.counter('claims-refused') - before).toBe(2)
  expect(new Set(rows.map(({ session, method, confidence }) => `${session} ${method} ${confidence}`)).size).toBe(1)
  expect(hub.nodes.byName('node77')).toBeUndefined()
})
