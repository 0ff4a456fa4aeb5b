import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { freePort, until } from '../support/child.ts'
import { placeHub, startHub, sumOf, untilFound, type RunningHub } from '../support/hub.ts'
import { startRelpSender } from '../support/relp-sender.ts'
import { logger } from '../support/senders.ts'

/** A real rsyslogd sends over RELP, which the hub answers once a message is on disk. */
async function aRelpPlace(): Promise<Awaited<ReturnType<typeof placeHub>> & { readonly relpPort: number }> {
  const relpPort = await freePort()
  const place = await placeHub({ syslog: { listeners: [{ name: 'relp', transport: 'relp', address: '127.0.0.1', port: relpPort }] } })
  return { ...place, relpPort }
}

/** Gives rsyslogd the lines `message <word> <n>`, in order. */
async function say(socket: string, word: string, count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-lines-'))
  const file = join(folder, 'lines')
  writeFileSync(file, Array.from({ length: count }, (_, n) => `message ${word} ${n}\n`).join(''))
  await logger(['--socket', socket, '-t', 'relayed', '-f', file])
  rmSync(folder, { recursive: true })
}

async function numbersOf(hub: RunningHub, word: string): Promise<number[]> {
  return (await hub.searchAll(`app:relayed ${word}`)).map(({ text }) => Number(/ (\d+)$/.exec(text)![1]))
}

test('two thousand messages arrive once each, in order, and every one is acknowledged', async () => {
  const place = await aRelpPlace()
  const hub = await startHub(place)
  await using sender = await startRelpSender({ port: place.relpPort })
  await say(sender.socket, 'plain', 2000)
  await untilFound(hub, 'app:relayed "plain 1999"')
  expect(await numbersOf(hub, 'plain')).toEqual(Array.from({ length: 2000 }, (_, n) => n))
  const [first] = await hub.search('app:relayed "plain 0"')
  expect(first).toMatchObject({ host: 'tch-relp', app: 'relayed', format: 'rfc5424' })
  const samples = await hub.metrics()
  expect(sumOf(samples, 'hps_ingest_relp_acknowledged_total')).toBe(sumOf(samples, 'hps_ingest_messages_total', 'transport="relp"'))
  await hub.stop()
  place.remove()
})

test('the hub is killed twice and is away for seconds: nothing is lost, and at most the window of each kill comes twice', async () => {
  const place = await aRelpPlace()
  let hub = await startHub(place)
  await using sender = await startRelpSender({ port: place.relpPort })
  const said = say(sender.socket, 'killed', 30_000)
  for (const _ of [1, 2]) {
    await untilFound(hub, 'app:relayed killed', 100)
    await hub.kill()
    await delay(1500)
    hub = await startHub(place)
  }
  await said
  // What rsyslogd's queue had on its disk comes behind what it held in memory.
  const numbers = await until(
    'every message',
    async () => {
      const found = await numbersOf(hub, 'killed')
      return new Set(found).size === 30_000 && found
    },
    { withinMs: 30_000, everyMs: 500 },
  )
  // librelp's window: 128 transactions that were sent and not answered yet
  expect(numbers.length - 30_000).toBeLessThanOrEqual(2 * 128)
  await hub.stop()
  place.remove()
})
