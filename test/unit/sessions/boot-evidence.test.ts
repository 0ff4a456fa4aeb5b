import { describe, expect, test } from 'vitest'
import { createHub, fixture, START_MS, type Hub } from './kit.ts'

/** The kernel log of a real machine as BusyBox klogd and syslogd send it, without stamps that this file controls. */
const KERNEL = fixture('kernel-boot.txt').map((frame) => {
  const match = /^<(\d+)>\w{3} \d+ [\d:]+ kernel: (.*)$/.exec(frame)!
  return { pri: match[1]!, text: match[2]! }
})
const NODE = '10.0.0.50'

const stamp = (ms: number) => {
  const date = new Date(ms)
  const month = date.toLocaleString('en', { month: 'short', timeZone: 'UTC' })
  return `${month} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)}`
}
type Line = (typeof KERNEL)[number]
/** Fresh: what a log daemon puts on a line that it reads now. */
const fresh = (hub: Hub, lines: readonly Line[] = KERNEL) => lines.map(({ pri, text }) => `<${pri}>${stamp(hub.nowMs)} kernel: ${text}`)
const clockOf = (text: string) => Number(/^\[\s*([\d.]+)\]/.exec(text)?.[1] ?? 0)
/** RFC 5424 with the time at which the kernel said it. */
const dated = (bootMs: number, lines: readonly Line[] = KERNEL) =>
  lines.map(({ pri, text }) => `<${pri}>1 ${new Date(bootMs + clockOf(text) * 1000).toISOString()} node01 kernel - - - ${text}`)
/** The same machine boots again: the same lines, and every clock that runs a little off. */
const again = (jitter: number): Line[] => KERNEL.map(({ pri, text }, i) => ({
  pri,
  text: text.replace(/^\[\s*([\d.]+)\]/, (whole, clock: string) => (Number(clock) === 0 ? whole : `[${(Number(clock) + jitter + (i % 7) * 0.000_013).toFixed(6).padStart(12)}]`)),
}))
const userland = (hub: Hub, text = 'hello') => hub.send(NODE, [`<13>${stamp(hub.nowMs)} node01 app[1]: ${text}`])[0]!

/** A node whose kernel came up ten seconds ago and whose operating system has spoken. */
function booted(): { hub: Hub; session: number } {
  const hub = createHub()
  const rows = hub.send(NODE, fresh(hub))
  hub.wait(10_000)
  expect(userland(hub).session).toBe(rows[0]!.session)
  return { hub, session: rows[0]!.session }
}

describe('a boot that nobody announced', () => {
  test('a kernel that comes up opens one session, and its messages and the system\'s are in it', () => {
    const { hub, session } = booted()
    expect(hub.sessions()).toHaveLength(1)
    expect(hub.session(session)).toMatchObject({ stage: 'os.syslog', replayed: 0, messages: KERNEL.length + 1 })
    expect(Math.abs(hub.session(session).bootTimeMs! - (START_MS - 4239))).toBeLessThan(1000)
  })

  test('an unannounced reboot opens another, with the kernel\'s first line in it', () => {
    const { hub, session } = booted()
    hub.wait(3_600_000)
    const rows = hub.send(NODE, fresh(hub, again(0.0021)))
    const sessions = hub.sessions()
    expect(sessions).toHaveLength(2)
    // The log daemon's own line comes before the kernel's first one, and nothing tells it from the boot before.
    expect(new Set(rows.slice(1).map((row) => row.session))).toEqual(new Set([sessions[0]!.id]))
    expect(sessions[0]).toMatchObject({ origin: 'kernel', state: 'open', stage: 'kernel.up' })
    expect(hub.session(session)).toMatchObject({ state: 'ended', end: 'superseded' })
    expect(userland(hub).session).toBe(sessions[0]!.id)
  })

  test('a kernel whose messages come in another order, as a queue on disk hands them over, is told once', () => {
    const hub = createHub()
    const batches = [KERNEL.slice(150, 200), KERNEL.slice(250), KERNEL.slice(0, 150)]
    hub.send(NODE, fresh(hub, batches.flat()))
    expect(hub.events.filter((event) => event.kind === 'replay')).toEqual([])
    // One comes twice, and after it the last batch for the first time.
    hub.send(NODE, fresh(hub, [KERNEL[190]!, ...KERNEL.slice(200, 250)]))
    hub.wait(10_000)
    expect(hub.sessions()).toHaveLength(1)
    expect(hub.sessions()[0]).toMatchObject({ messages: KERNEL.length + 1, replayed: 1 })
  })

  // A ring in two batches, the later one first: cut within the clocks that stand still, before the first telling ones, and further on.
  test.for([30, 95, 105, 120, 150, 200, 250, 300])('order does not matter: batches swapped at line %d, told again or of a new boot', (cut) => {
    const swapped = (lines: readonly Line[]) => [...lines.slice(cut), ...lines.slice(0, cut)]
    const { hub, session } = booted()
    hub.wait(3_600_000)
    hub.send(NODE, fresh(hub, swapped(KERNEL)))
    hub.wait(10_000)
    expect(hub.sessions().map(({ id }) => id)).toEqual([session])
    expect(hub.session(session).replayed).toBeGreaterThan(KERNEL.length * 0.6)
    hub.wait(3_600_000)
    hub.send(NODE, fresh(hub, swapped(again(0.0033))))
    hub.wait(10_000)
    expect(hub.sessions()).toHaveLength(2)
    expect(hub.sessions()[0]).toMatchObject({ messages: KERNEL.length, replayed: 0 })
  })

  test('two boots 20 s apart are two sessions', () => {
    const hub = createHub()
    const first = hub.send(NODE, fresh(hub))[0]!.session
    hub.wait(20_000)
    hub.send(NODE, fresh(hub, again(0.011)))
    expect(hub.sessions()).toHaveLength(2)
    expect(hub.session(first).end).toBe('superseded')
  })

  test('a reboot of which only the first lines arrive is decided after three seconds', () => {
    const { hub } = booted()
    hub.wait(3_600_000)
    const rows = hub.send(NODE, fresh(hub, KERNEL.slice(0, 3)))
    expect(hub.sessions()).toHaveLength(1)
    expect(hub.records.byId(rows[1]!.tagged)!.state).toBe('suspect')
    hub.wait(4000)
    expect(hub.sessions()).toHaveLength(2)
    expect(hub.sessions()[0]!.id).toBe(rows[1]!.tagged)
    expect(hub.events.filter((event) => event.kind === 'session-opened').at(-1)).toMatchObject({ sessionId: rows[1]!.tagged, seq: rows[1]!.seq, origin: 'kernel' })
  })

  test('a reboot whose log came late from a disk queue, with its old stamps, is still a reboot', () => {
    const { hub } = booted()
    const bootMs = hub.nowMs + 600_000
    hub.wait(3_600_000)
    hub.send(NODE, dated(bootMs, again(0.004)))
    expect(hub.sessions()).toHaveLength(2)
    expect(Math.abs(hub.sessions()[0]!.bootTimeMs! - bootMs)).toBeLessThan(1000)
  })

  test('a node that is idle for hours keeps its session', () => {
    const { hub, session } = booted()
    hub.wait(9 * 3_600_000)
    expect(userland(hub).session).toBe(session)
    expect(hub.send(NODE, fresh(hub, [{ pri: '6', text: `[${(9 * 3600 + 14).toFixed(6).padStart(12)}] usb 1-1: new high-speed USB device` }]))[0]!.session).toBe(session)
    expect(hub.sessions()).toHaveLength(1)
    expect(hub.session(session)).toMatchObject({ state: 'open', replayed: 0 })
  })
})

describe('messages told again open no session', () => {
  test('dmesg | logger', () => {
    const { hub, session } = booted()
    hub.wait(3_600_000)
    const rows = hub.send(NODE, KERNEL.map(({ text }) => `<13>${stamp(hub.nowMs)} node01 root: ${text}`))
    expect(new Set(rows.map((row) => row.tagged))).toEqual(new Set([session]))
    expect(hub.sessions()).toHaveLength(1)
    expect(hub.session(session).replayed).toBeGreaterThan(100)
  })

  test('a journal imported again, with its old stamps', () => {
    const { hub, session } = booted()
    hub.wait(3_600_000)
    const rows = hub.send(NODE, dated(START_MS - 4239))
    expect(new Set(rows.map((row) => row.tagged))).toEqual(new Set([session]))
    expect(hub.sessions()).toHaveLength(1)
    expect(hub.session(session).replayed).toBeGreaterThan(KERNEL.length * 0.9)
  })

  test.for([['hours later', 3 * 3_600_000], ['a minute later', 60_000], ['15 seconds later', 15_000]] as const)('a kernel-log reader restarted %s, which hands over the ring with fresh stamps', ([, laterMs]) => {
    const { hub, session } = booted()
    hub.wait(laterMs)
    const rows = hub.send(NODE, fresh(hub))
    expect(new Set(rows.map((row) => row.session))).toEqual(new Set([session]))
    hub.wait(5000)
    expect(hub.sessions()).toHaveLength(1)
    expect(hub.session(session)).toMatchObject({ state: 'open', messages: 2 * KERNEL.length + 1 })
    expect(hub.session(session).replayed).toBeGreaterThan(KERNEL.length * 0.9)
    expect(hub.events.some((event) => event.kind === 'replay')).toBe(true)
    expect(hub.events.filter((event) => event.kind === 'session-opened')).toHaveLength(1)
  })

  test('a ring handed over line by line, with other messages between', () => {
    const { hub, session } = booted()
    hub.wait(3 * 3_600_000)
    const tagged: number[] = []
    for (const frame of fresh(hub)) {
      tagged.push(hub.send(NODE, [frame])[0]!.tagged, userland(hub, 'meanwhile').tagged)
      hub.nowMs += 1
    }
    expect(new Set(tagged.map((id) => hub.records.rootOf(id)))).toEqual(new Set([session]))
    expect(hub.sessions()).toHaveLength(1)
  })

  test('a ring whose beginning was overwritten', () => {
    const { hub, session } = booted()
    hub.wait(3 * 3_600_000)
    const rows = hub.send(NODE, fresh(hub, KERNEL.slice(150)))
    hub.wait(5000)
    expect(new Set(rows.map((row) => hub.records.rootOf(row.tagged)))).toEqual(new Set([session]))
    expect(hub.sessions()).toHaveLength(1)
  })

  test('a disk queue delivered late, of lines never seen before', () => {
    const { hub, session } = booted()
    const bootMs = START_MS - 4239
    hub.wait(3_600_000)
    const late = Array.from({ length: 20 }, (_, i) => ({ pri: '6', text: `[${(20 + i * 1.000_137).toFixed(6).padStart(12)}] eth0: link is down (${i})` }))
    const rows = hub.send(NODE, dated(bootMs, late))
    expect(new Set(rows.map((row) => row.tagged))).toEqual(new Set([session]))
    expect(hub.sessions()).toHaveLength(1)
    expect(hub.session(session).replayed).toBe(0)
  })

  test('a disk queue of the boot before goes to the session of that boot', () => {
    const { hub, session } = booted()
    hub.wait(3_600_000)
    hub.send(NODE, fresh(hub, again(0.0021)))
    const current = hub.sessions()[0]!.id
    hub.wait(60_000)
    const rows = hub.send(NODE, dated(START_MS - 4239, KERNEL.slice(1)))
    expect(new Set(rows.map((row) => row.tagged))).toEqual(new Set([session]))
    expect(userland(hub).session).toBe(current)
    expect(hub.sessions()).toHaveLength(2)
  })

  test.for(['clean', 'killed'] as const)('a ring handed over after the hub was restarted (%s)', (how) => {
    const { hub, session } = booted()
    hub.wait(how === 'clean' ? 3_600_000 : 1000)
    const later = hub.restart(how)
    later.wait(3_600_000)
    const rows = later.send(NODE, fresh(later))
    later.wait(5000)
    expect(new Set(rows.map((row) => later.records.rootOf(row.tagged)))).toEqual(new Set([session]))
    expect(later.sessions()).toHaveLength(1)
    expect(later.session(session).messages).toBe(2 * KERNEL.length + 1)
    later.wait(3_600_000)
    later.send(NODE, fresh(later, again(0.0042)))
    expect(later.sessions()).toHaveLength(2)
  })
})

describe('with messages lost on the way', () => {
  /** Every line is dropped with this chance; a small generator keeps the runs the same. */
  const lossy = (frames: readonly string[], chance: number, seed: number) => {
    let state = seed
    return frames.filter(() => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 32 >= chance
    })
  }
  const RUNS = [1, 2, 3, 4, 5, 6].flatMap((seed) => [0.1, 0.4, 0.6].map((chance) => [seed, chance] as const))

  test.for(RUNS)('a reboot is a reboot and a replay a replay (seed %d, %d lost)', ([seed, chance]) => {
    const hub = createHub()
    hub.send(NODE, lossy(fresh(hub), chance, seed))
    hub.wait(10_000)
    userland(hub)
    hub.wait(3_600_000)
    hub.send(NODE, lossy(fresh(hub), chance, seed + 100))
    hub.wait(10_000)
    expect(hub.sessions()).toHaveLength(1)
    hub.wait(3_600_000)
    hub.send(NODE, lossy(fresh(hub, again(0.0021)), chance, seed + 200))
    hub.wait(10_000)
    expect(hub.sessions()).toHaveLength(2)
  })
})
