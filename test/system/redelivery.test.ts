import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { MessageView } from '../../src/api/parts.ts'
import { run, until } from '../support/child.ts'
import { ROOT, startHub, type RunningHub } from '../support/hub.ts'
import { slowDisk } from '../support/overload/brakes.ts'
import { aRelpPlace, numberOf, RELP_WINDOW, say, startRelpSender } from '../support/relp-sender.ts'

/** A real rsyslogd with a queue on its disk, and a hub that is killed while it receives and is away for AWAY_SECONDS. */
const AWAY_SECONDS = Number(process.env['AWAY_SECONDS'] ?? 15)
const BEFORE = 20_000
const ALL = 60_000
const KILLS = 2
/** A disk so slow that a kill finds the window full. */
const SYNC_MS = 100
const TAKEN = 500
const SHOWN_RANGES = 60
/** docs/reference/wire.md: the last 512 messages of a sender are compared. */
const REMEMBERED = 512

const storedCount = async (hub: RunningHub): Promise<number> => (await hub.json<{ readonly total: number }>('/api/v1/logs/count?q=app:relayed killed')).total

/** Of each number that came more than once, all but the first must be marked, and nothing else may be. What rsyslog held back for longer than the hub remembers may come unmarked. */
function wrongMarks(stored: readonly MessageView[]): string[] {
  const faults: string[] = []
  const seen = new Map<number, number>()
  for (const [at, message] of stored.entries()) {
    const n = numberOf(message)
    const isMarked = message.faults.includes('doubled')
    const isLate = !isMarked && at - (seen.get(n) ?? at) > REMEMBERED
    if (isMarked !== seen.has(n) && !isLate) faults.push(`${n} (seq ${message.seq}) ${isMarked ? 'is marked and came first' : 'came before and is not marked'}`)
    seen.set(n, at)
  }
  return faults
}

/** The order in which they came, as ranges: what is wrong with the marks can be seen from it. */
function ranges(stored: readonly MessageView[]): string {
  const parts: { from: number; to: number; doubled: boolean }[] = []
  for (const message of stored) {
    const [n, doubled, last] = [numberOf(message), message.faults.includes('doubled'), parts.at(-1)]
    if (last !== undefined && last.to + 1 === n && last.doubled === doubled) last.to = n
    else parts.push({ from: n, to: n, doubled })
  }
  return parts.map(({ from, to, doubled }) => `${from}-${to}${doubled ? ' (doubled)' : ''}`).slice(0, SHOWN_RANGES).join(', ')
}

test(`rsyslog with a disk queue, a hub away for ${AWAY_SECONDS} s and killed twice while receiving: nothing is lost, no more than the window of each kill comes twice, and each of that is marked`, { timeout: 180_000 + AWAY_SECONDS * 1000 }, async () => {
  const place = await aRelpPlace()
  let hub = await startHub(place)
  await using sender = await startRelpSender({ port: place.relpPort })
  // the first kill: in the middle of what it takes
  await slowDisk(hub.pid, SYNC_MS)
  await say(sender.socket, 'killed', { to: BEFORE })
  await until('some of it', async () => (await storedCount(hub)) > TAKEN)
  await hub.kill()
  await say(sender.socket, 'killed', { from: BEFORE, to: ALL })
  await delay(AWAY_SECONDS * 1000)
  const queued = readdirSync(dirname(sender.socket)).filter((name) => /^hub\.\d+$/.test(name))
  expect(queued.length, 'files of the queue on disk').toBeGreaterThan(0)
  // the second: in the middle of the queue that is handed over
  hub = await startHub(place)
  await slowDisk(hub.pid, SYNC_MS)
  const before = await storedCount(hub)
  expect(before).toBeLessThan(ALL / 2)
  await until('more of it', async () => (await storedCount(hub)) > before + TAKEN)
  await hub.kill()
  hub = await startHub(place)
  // what the queue had on its disk comes behind what it held in memory
  const stored = await until(
    'every message',
    async () => {
      const found = await hub.searchAll('app:relayed killed')
      return new Set(found.map(numberOf)).size === ALL && found
    },
    { withinMs: 90_000, everyMs: 1000 },
  )
  const [doubled, marked] = [stored.length - ALL, stored.filter(({ faults }) => faults.includes('doubled')).length]
  process.stdout.write(`proof: redelivery: ${ALL} sent, ${before} stored soon after the second start, ${queued.length} queue files, ${doubled} came twice, ${marked} marked\n`)
  expect(doubled).toBeLessThanOrEqual(KILLS * RELP_WINDOW)
  expect(wrongMarks(stored).slice(0, 10), `they came as ${ranges(stored)}`).toEqual([])
  // and so a person sees them
  const shown = await run(`${ROOT}/hps`, ['logs', 'fault:doubled', '--data', place.data, '--url', place.url], { cwd: place.folder })
  expect(shown.output.split('\n').filter((line) => line.includes('message killed')).length).toBe(Math.min(doubled, 100))
  expect((await hub.stop()).code).toBe(0)
  place.remove()
})
