import { describe, expect, test } from 'vitest'
import { createHub } from './kit.ts'

const announce = (hub: ReturnType<typeof createHub>, from: string, host: string, bootTime: number) =>
  hub.send(from, [`<14>Nov 22 14:00:00 ${host} hps-session: start host=${host} boot_time=${bootTime}`])[0]!

describe('boots that are only claimed', () => {
  test('a node that announces boot after boot opens a bounded number of sessions; the rest is counted and stays in the last', () => {
    const hub = createHub()
    const sent = Array.from({ length: 200 }, (_, boot) => announce(hub, '10.0.0.5', 'evil', 1_700_000_000 + boot * 1000))
    const { length } = hub.sessions()
    expect(length).toBeGreaterThan(10)
    expect(length).toBeLessThan(30)
    expect(hub.counter('refused:sessions')).toBe(200 - length)
    expect(sent.at(-1)!.session).toBe(hub.sessions()[0]!.id)
    expect(hub.sessions().flatMap((session) => session.hashes)).toHaveLength(length)
  })

  test('its neighbour boots all the same, and so does the node itself after a while', () => {
    const hub = createHub()
    for (let boot = 0; boot < 100; boot++) announce(hub, '10.0.0.5', 'evil', 1_700_000_000 + boot * 1000)
    const first = announce(hub, '10.0.0.6', 'good', 1_700_000_000)
    expect(announce(hub, '10.0.0.6', 'good', 1_700_009_000).session).not.toBe(first.session)
    const before = hub.sessions().length
    hub.wait(60_000)
    announce(hub, '10.0.0.5', 'evil', 1_800_000_000)
    expect(hub.sessions()).toHaveLength(before + 1)
  })

  test('kernels that seem to start again and again are bounded as well', () => {
    const hub = createHub()
    const kernel = (text: string) => hub.send('10.0.0.5', [`<6>Nov 22 14:00:00 evil kernel: ${text}`])
    kernel('[    0.000000] Linux version 6.1.0')
    for (let boot = 0; boot < 100; boot++) {
      hub.wait(30)
      kernel(`[  100.${String(boot).padStart(6, '0')}] late`)
      hub.wait(11_000)
      kernel('[    0.000000] Linux version 6.1.0')
    }
    expect(hub.counter('refused:sessions')).toBeGreaterThan(10)
  })
})

test('a session has a bounded number of hashes', () => {
  const hub = createHub()
  hub.send('10.0.0.5', ['<6>Nov 22 14:00:00 name0 kernel: [    0.000000] Linux version 6.1.0'])
  hub.wait(8000)
  for (let rename = 1; rename < 60; rename++) expect(hub.command({ kind: 'register', name: `name${rename - 1}`, rename: `name${rename}` })).toMatchObject({ ok: true })
  expect(hub.sessions()[0]!.hashes).toHaveLength(16)
  expect(hub.counter('refused:hashes')).toBeGreaterThan(0)
})

test('a batch with more texts in the form of tokens than are looked up is counted', () => {
  const hub = createHub()
  const texts = Array.from({ length: 65 }, (_, index) => `<13>app: hps_op_${String(index).padStart(43, '0')}`)
  hub.send('10.0.0.5', texts.slice(0, 64))
  expect([hub.counter('tokens'), hub.counter('tokens-cut')]).toEqual([64, 0])
  hub.send('10.0.0.5', texts)
  expect([hub.counter('tokens'), hub.counter('tokens-cut')]).toEqual([128, 1])
})
