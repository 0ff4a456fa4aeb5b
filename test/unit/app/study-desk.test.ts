import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openHubDatabase, openLogStore } from '#store/index.ts'
import { createStudyPart } from '../../../src/app/parts/rule-study.ts'
import { createStudyDesk } from '../../../src/app/study-desk.ts'
import { batchOf, NOON_MS } from '../../support/store/batches.ts'
import { ruleFile } from '../triggers/support.ts'

const rules = (word: string) => ruleFile({ id: 'a.word', body: `severity: error\nwhen: {match: {contains: ${word}}}\nby: [node]` })

/** A data folder with three messages and a rule, and the desk that looks at it. */
function aPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'hps-study-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const directory = join(folder, 'rules')
  mkdirSync(directory)
  writeFileSync(join(directory, 'a.yaml'), rules('alpha'))
  openHubDatabase(join(folder, 'hub.db')).close()
  const store = openLogStore({ directory: join(folder, 'log'), segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => NOON_MS, retentionMs: 1e12 })
  onTestFinished(() => store.close())
  store.writer.append(batchOf(['alpha', 'beta', 'alpha'].map((text, index) => ({ text, app: 'app', receivedMs: NOON_MS + index }))))
  store.writer.sync()
  const refused: unknown[] = []
  const desk = createStudyDesk({
    databasePath: join(folder, 'hub.db'), logDirectory: join(folder, 'log'), watermark: store.writer.watermark, directories: [directory], routes: { configured: undefined, data: folder },
    metrics: { measure: () => undefined, add: (...about) => void refused.push(about) },
  })
  return { directory, refused, part: createStudyPart({ desk, clock: () => NOON_MS + 60_000 }) }
}
const loaded = { kind: 'rule', id: 'a.word' } as const

test('a rule of the files, a text in place of its file, and a text beside them', async () => {
  const { part } = aPlace()
  expect(await part.backtest({ what: loaded })).toMatchObject({ complete: true, messages: 3, matches: 2, alerts: { fired: 1, open_at_end: 1 }, from: new Date(NOON_MS + 60_000 - 7 * 86_400_000).toISOString(), first: [{ rule: 'a.word', message: 1, count: 2, over: null }] })
  expect(await part.backtest({ what: { kind: 'file', file: 'a.yaml', text: rules('beta') }, since: '1h' })).toMatchObject({ matches: 1, first: [{ message: 2 }] })
  expect(await part.backtest({ what: { kind: 'file', file: 'b.yaml', text: rules('beta').replace('a.word', 'b.word') }, limit: 0 })).toMatchObject({ matches: 1, rules: [{ rule: 'b.word' }], first: [] })
}, 30_000)

test('what cannot be tried is refused with the reason', async () => {
  const { part, directory } = aPlace()
  await expect(part.backtest({ what: { kind: 'rule', id: 'none' } })).rejects.toMatchObject({ code: 'not-found' })
  await expect(part.backtest({ what: { kind: 'file', file: 'b.yaml', text: 'format: 2\n' } })).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('b.yaml:1:') as string })
  await expect(part.backtest({ what: { kind: 'file', file: 'b.yaml', text: 'format: 1\npack: b\nrules: []\n' } })).rejects.toMatchObject({ code: 'not-found' })
  await expect(part.backtest({ what: loaded, since: '1h', until: '2h' })).rejects.toMatchObject({ code: 'bad-request' })
  await expect(part.backtest({ what: loaded, since: 'soon' })).rejects.toMatchObject({ code: 'bad-request' })
  writeFileSync(join(directory, 'routes.yaml'), 'format: 9\n')
  expect((await part.backtest({ what: loaded })).remarks).toContainEqual(expect.stringContaining('The routes have a fault'))
}, 30_000)

test('one at a time: another is refused and counted; a report about noise may run beside it', async () => {
  const { part, refused } = aPlace()
  const first = part.backtest({ what: loaded })
  const noise = part.noise({})
  await expect(part.backtest({ what: loaded })).rejects.toMatchObject({ code: 'too-many' })
  await expect(part.noise({})).rejects.toMatchObject({ code: 'too-many' })
  expect(refused).toEqual(Array(2).fill(['hps_http_refused_total', { reason: 'rule-studies' }]))
  expect(await first).toMatchObject({ matches: 2 })
  expect(await noise).toEqual({ since: new Date(NOON_MS + 60_000 - 30 * 86_400_000).toISOString(), alerts: 0, told: 0, rules: [] })
  expect(await part.backtest({ what: loaded })).toMatchObject({ matches: 2 })
}, 30_000)

test('nobody wants it any more: it answers with what it has', async () => {
  const { part } = aPlace()
  expect(await part.backtest({ what: loaded, signal: AbortSignal.abort() })).toMatchObject({ complete: false, reason: 'cancelled', matches: 0 })
}, 30_000)
