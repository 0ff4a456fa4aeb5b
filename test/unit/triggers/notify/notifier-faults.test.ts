import { expect, test } from 'vitest'
import { openHubDatabase } from '#store/index.ts'
import { silentLogger } from '#telemetry/index.ts'
import { HOUR, MINUTE, notifier, routesFrom, shortly, START } from './support.ts'

const ROUTES = routesFrom(`
format: 1
receivers:
- {name: ops, mail: [ops@example.org], max_per_hour: 3}
- {name: boss, mail: [boss@example.org]}
route: {receiver: ops, group_by: [rule], wait: 30s, interval: 5m, every: 4h}
`)
const TABLES = ['notify_groups', 'notify_pending', 'notify_told', 'outbox', 'outbox_alerts']
/** Between the first group that is told and the digest of what was held back all kinds of telling come to pass. */
const LAST_MS = 2 * HOUR

interface Life {
  readonly said: readonly string[]
  readonly queued: string | undefined
  readonly left: number
  /** Writes of the notifier while it told, faults aside. */
  readonly writes: number
  readonly faults: number
  readonly logged: readonly string[]
}

/** A morning of alerts, of which the disk refuses the nth write. Writes of alerts themselves do not count: they have tests of their own. */
function live(failsAt: number | undefined): Life {
  const db = openHubDatabase(':memory:')
  let [nowMs, writes, faults, isTelling] = [START, 0, 0, false]
  db.function('disk', { deterministic: false }, () => {
    if (!isTelling) return 0
    if (writes++ !== failsAt) return 0
    faults++
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
  })
  for (const table of TABLES) for (const verb of ['INSERT', 'UPDATE', 'DELETE']) db.exec(`CREATE TEMP TRIGGER ${table}_${verb} AFTER ${verb} ON ${table} BEGIN SELECT disk(); END`)
  const logged: string[] = []
  const hub = notifier(db, { routes: () => ROUTES, clock: () => nowMs, log: { ...silentLogger, error: (_fields, message) => void logged.push(String(message)) } })
  const pass = (ms: number, stepMs = 30_000) => {
    for (const untilMs = nowMs + ms; nowMs < untilMs;) {
      nowMs += stepMs
      isTelling = true
      hub.notifying.wake()
      isTelling = false
      hub.sendAll()
    }
  }
  const first = hub.fire()
  const second = hub.fire()
  pass(MINUTE)
  hub.resolve(first)
  hub.escalate(second, 'boss')
  const third = hub.fire()
  pass(10 * MINUTE)
  // more groups than the receiver takes in an hour: a digest
  for (let n = 0; n < 4; n++) hub.fire({ rule: `other-${n}` })
  pass(2 * MINUTE)
  hub.acknowledge(third)
  hub.resolve(second)
  pass(LAST_MS, 10 * MINUTE)
  const said = hub.notices().map((notice) => `${notice.receiver} ${shortly(notice)}`)
  const { queued } = Object.fromEntries((db.prepare('SELECT state, count(*) count FROM outbox GROUP BY state').all() as { state: string; count: number }[]).map(({ state, count }) => [state, String(count)]))
  const left = hub.records.counts().waiting
  db.close()
  return { said, queued, left, writes, faults, logged }
}

test('whichever write of telling the disk refuses, the same is told afterwards, each once', () => {
  const calm = live(undefined)
  expect(calm.said.length).toBeGreaterThan(5)
  expect(calm.said.some((line) => line.includes('digest'))).toBe(true)
  for (let n = 0; n < calm.writes; n++) {
    const { said, left, faults, logged } = live(n)
    expect({ n, said, left, faults, logged }).toEqual({ n, said: calm.said, left: calm.left, faults: 1, logged: ['groups of alerts wait: hub.db cannot be written'] })
  }
})
