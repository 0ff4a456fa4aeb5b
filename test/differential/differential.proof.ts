import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { goldenCases } from '../fixtures/ingest/golden-case.ts'
import { DEFAULT_RECEIVED } from '../fixtures/ingest/golden-print.ts'
import { generate } from './generated.ts'
import { PEERS, READ } from './peers.ts'
import { FIELDS, readHub, type Sample } from './reading.ts'
import { VERDICTS, type Disagreement } from './verdicts.ts'

const generated = generate(4000)
const golden: readonly Sample[] = goldenCases()
  // those that guard a branch are made for it: nobody sends them
  .filter((of) => (of.directive('form') ?? 'syslog') === 'syslog' && of.directive('from')?.startsWith('made here: guards ') !== true)
  .map((of) => ({ name: of.name, bytes: of.bytes, receivedMs: Date.parse(of.directive('received') ?? DEFAULT_RECEIVED) }))

// The peers take the year, and the zone, of their own clock.
beforeAll(() => {
  process.env['TZ'] = 'UTC'
  vi.useFakeTimers({ now: Date.parse(DEFAULT_RECEIVED), toFake: ['Date'] })
})
afterAll(() => void vi.useRealTimers())

test('well-formed messages of both RFCs are read as they were meant, field by field', () => {
  const wrong = generated.flatMap((sample) => FIELDS.flatMap((field) => {
    const { fields } = readHub(sample)
    return fields[field] === sample.truth[field] ? [] : [`${field} ${JSON.stringify(fields[field])}, not ${JSON.stringify(sample.truth[field])}: ${sample.bytes.toString()}`]
  }))
  expect(wrong).toEqual([])
})

/** SHOW_VERDICT=<cause> prints what is decided by one verdict. */
test('every disagreement with another parser has a verdict, and every verdict is of use', () => {
  const open: string[] = []
  const counts = new Map(VERDICTS.map((verdict) => [verdict, 0]))
  for (const peer of PEERS) {
    for (const [what, samples] of [['golden cases', golden], ['generated messages', generated]] as const) {
      const rate = new Map(FIELDS.map((field) => [field, { same: 0, all: 0 }]))
      let unread = 0
      for (const sample of samples) {
        const line = sample.bytes.toString('utf8')
        const reading = READ[peer](line)
        if (reading === undefined) unread++
        const hub = readHub(sample)
        for (const field of reading === undefined ? [] : FIELDS) {
          const value = reading![field]
          if (value === undefined) continue
          const count = rate.get(field)!
          count.all++
          if (value === hub.fields[field]) {
            count.same++
            continue
          }
          const of: Disagreement = { peer, field, hub, value, hubValue: hub.fields[field], line }
          const verdict = VERDICTS.find((entry) => (entry.peers?.includes(peer) ?? true) && (entry.fields?.includes(field) ?? true) && entry.applies(of))
          if (verdict === undefined) open.push(`${peer} ${field} ${sample.name}: hub ${JSON.stringify(of.hubValue)}, peer ${JSON.stringify(value)}: ${JSON.stringify(line)}`)
          else if (process.env['SHOW_VERDICT'] === verdict.cause) console.log(`shown: ${peer} ${field} ${sample.name}: hub ${JSON.stringify(of.hubValue)}, peer ${JSON.stringify(value)}: ${JSON.stringify(line)}`)
          if (verdict !== undefined) counts.set(verdict, counts.get(verdict)! + 1)
        }
      }
      const rates = [...rate].filter(([, { all }]) => all > 0).map(([field, { same, all }]) => `${field} ${((100 * same) / all).toFixed(1)} %`)
      console.log(`proof: ${peer} agrees on ${samples.length - unread} of ${samples.length} ${what} (it reads no header in the others): ${rates.join(', ')}`)
    }
  }
  for (const [{ cause, right }, count] of counts) console.log(`verdict: ${right} is right, ${count} fields: ${cause}`)
  console.log(`proof: ${[...counts.values()].reduce((sum, count) => sum + count, 0)} disagreements under ${VERDICTS.length} verdicts, ${open.length} without`)
  expect(open).toEqual([])
  expect([...counts].filter(([, count]) => count === 0).map(([{ cause }]) => cause)).toEqual([])
})
