import { expect, test } from 'vitest'
import { openHubDatabase, type HubDatabase } from '#store/index.ts'
import { createHub, START_MS } from './kit.ts'

const NODE = '10.0.0.50'
/** RFC 5424 with the time at which a kernel that came up at `bootMs` said it. */
const kernelLine = (bootMs: number, clockSeconds: number) =>
  `<6>1 ${new Date(bootMs + clockSeconds * 1000).toISOString()} node01 kernel - - - [${clockSeconds.toFixed(6).padStart(12)}] eth0: link is down`
const kernelLines = (bootMs: number, count: number) => Array.from({ length: count }, (_, i) => kernelLine(bootMs, 20 + i * 1.000_137))

/** Counts how often hub.db is asked for the latest sessions of a node. */
function countedDatabase(): { readonly db: HubDatabase; asked: number } {
  const db = openHubDatabase(':memory:')
  const counted = { db, asked: 0 }
  const prepare = db.prepare.bind(db)
  db.prepare = ((sql: string) => {
    const statement = prepare(sql)
    if (!sql.includes('AND node_id = ?') || !sql.includes('ORDER BY id DESC LIMIT')) return statement
    const all = statement.all.bind(statement)
    statement.all = (...values) => {
      counted.asked++
      return all(...values)
    }
    return statement
  }) as typeof db.prepare
  return counted
}

test('a queue of old kernel messages asks hub.db for the earlier boots once a batch, not once a message', () => {
  const counted = countedDatabase()
  const hub = createHub({ db: counted.db })
  const [running] = hub.send(NODE, kernelLines(START_MS - 21_000, 3))
  hub.wait(5000)
  counted.asked = 0
  const rows = hub.send(NODE, kernelLines(START_MS - 86_400_000, 50))
  expect(new Set(rows.map((row) => row.session))).toEqual(new Set([running!.session]))
  expect(counted.asked).toBeGreaterThan(0)
  expect(counted.asked).toBeLessThanOrEqual(2)
})

test('an earlier boot that became known since is found', () => {
  const hub = createHub()
  let boots = 0
  const boot = () => {
    const jitter = ++boots * 0.000_219 // no two boots say the same to the microsecond
    hub.wait(3_600_000)
    const bootMs = hub.nowMs - 10_000
    const [row] = hub.send(NODE, [`<6>1 ${new Date(bootMs).toISOString()} node01 kernel - - - [    0.000000] Linux version 6.1.0`, kernelLine(bootMs, 10 + jitter)])
    hub.wait(5000)
    hub.send(NODE, [kernelLine(bootMs, 15 + jitter)])
    return { bootMs, session: row!.session }
  }
  boot()
  hub.send(NODE, kernelLines(START_MS - 86_400_000, 3)) // a boot that nobody knows: what is known of the others is now remembered
  const second = boot()
  const third = boot()
  expect(third.session).not.toBe(second.session)
  const [late] = hub.send(NODE, [kernelLine(second.bootMs, 30.000_211)])
  expect(late!.session).toBe(second.session)
})
