import { chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PlannedView, RhythmView, SilenceView } from '../../src/api/silence-part.ts'
import { until } from '../support/child.ts'
import { placeHub, startHub, type HubPlace, type RunningHub } from '../support/hub.ts'
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts'

/** A hub whose rhythms are learned in seconds, and machines that are told apart by the address they send from. */
let place: HubPlace
let hub: RunningHub
let smtp: SmtpSink
const machines = new Map<string, { readonly say: (text: string, severity?: number) => Promise<void>; stop(): void }>()

beforeAll(async () => {
  smtp = await startSmtpSink()
  place = await placeHub({ sessions: { silence: { min: '2s', learn: '4s', boot: '3s' } }, mail: { host: '127.0.0.1', port: smtp.port, from: 'hub@example.org' } })
  hub = await startHub(place)
  writeFileSync(join(place.data, 'routes.yaml'), 'format: 1\nreceivers:\n- name: ops\n  mail: [ops@example.org]\nroute: {receiver: ops, wait: 0s}\n')
  hub.child.process.kill('SIGHUP')
})
afterAll(async () => {
  for (const machine of machines.values()) machine.stop()
  if (hub.child.running()) await hub.kill()
  await smtp[Symbol.asyncDispose]()
  place.remove()
})

/** Says something twice a second until it is stopped; `127.0.0.x` is its address. */
async function aMachine(name: string, address: string): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, address, resolve))
  const say = (text: string, severity = 6): Promise<void> => new Promise((resolve) => socket.send(`<${severity}>1 - ${name} kernel - - - ${text}`, hub.syslogPort, '127.0.0.1', () => resolve()))
  const timer = setInterval(() => void say('all is well'), 500)
  machines.set(name, {
    say,
    stop() {
      clearInterval(timer)
      machines.delete(name)
      socket.close()
    },
  })
}
const silences = async (): Promise<readonly SilenceView[]> => (await hub.json<{ readonly silences: readonly SilenceView[] }>('/api/v1/silences')).silences
const silent = async (): Promise<string[]> => (await silences()).filter(({ subject }) => subject === 'node').map(({ name }) => name).toSorted()
/** As people read them: RFC 2045 section 6.7 undone, headers unfolded. */
const mailsOf = (name: string): string[] =>
  smtp.mails.map((raw) => raw.replace(/=\r\n/g, '').replace(/\r\n[ \t]+/g, ' ').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))).filter((mail) => mail.includes(`${name} is silent`))
const isKnown = (name: string) => until(`the rhythm of ${name}`, async () => (await hub.json<RhythmView>(`/api/v1/silences/node/${name}`)).usual_ms !== null, { withinMs: 30_000 })

test('a node that stops is told with its last words, in the list, the stream, the metrics and a mail; a planned one is not; and it is heard again after a restart', async () => {
  for (const [at, name] of ['sil-1', 'sil-2', 'sil-3', 'sil-4', 'sil-5', 'sil-6'].entries()) await aMachine(name, `127.0.0.${at + 31}`)
  await Promise.all([...machines.keys()].map(isKnown))
  expect(await silences()).toEqual([])

  const plan = await hub.json<PlannedView>('/api/v1/planned', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ node: 'sil-2', for: '1h', why: 'new memory' }) })
  expect(plan).toMatchObject({ node: 'sil-2', state: 'now', why: 'new memory' })
  machines.get('sil-2')!.stop()
  await machines.get('sil-1')!.say('Kernel panic - not syncing: <b>Fatal</b> exception', 0)
  await machines.get('sil-1')!.say('Rebooting in 10 seconds..')
  machines.get('sil-1')!.stop()

  await until('the silence of sil-1', async () => (await silent()).includes('sil-1'), { withinMs: 20_000 })
  expect(await silent()).toEqual(['sil-1'])
  const told = (await silences()).find(({ name }) => name === 'sil-1')!
  expect(told).toMatchObject({ reason: 'stopped', node: 'sil-1', last_word: 'Rebooting in 10 seconds..' })
  expect(told.usual_ms).toBeLessThan(2000)
  const rhythm = await hub.json<RhythmView>('/api/v1/silences/node/sil-1')
  expect(rhythm.fatal.map(({ text }) => text)).toEqual(['Kernel panic - not syncing: <b>Fatal</b> exception'])
  expect(rhythm.last_words.map(({ text }) => text).slice(-3)).toEqual(['all is well', 'Kernel panic - not syncing: <b>Fatal</b> exception', 'Rebooting in 10 seconds..'])

  const [line] = await until('the line in the stream', async () => {
    const found = await hub.search('app:hps-hub "Node is silent" sil-1')
    return found.length > 0 && found
  })
  expect(line!.text).toMatch(new RegExp(`^Node is silent node=sil-1 since=\\S+ usual=\\S+ seq=${told.last_seq} why="It stopped\\."$`))
  expect((await hub.metrics()).get('hps_silent{kind="node"}')).toBe(1)
  expect((await hub.get('/readyz')).status).toBe(200)

  const [mail] = await until('the mail', () => mailsOf('sil-1').length > 0 && mailsOf('sil-1'))
  expect(mail).toContain('[CRITICAL] sil-1 is silent since')
  expect(mail).toContain('Before it ended 1: ')
  expect(mail).toContain('&lt;b&gt;Fatal&lt;/b&gt; exception')
  expect(mail).toMatch(/all is well[^]*Kernel panic[^]*Rebooting in 10 seconds\.\./)

  await checkPages()

  await hub.kill()
  hub = await startHub(place)
  await until('the others', async () => (await hub.search('node:sil-3 since:2s')).length > 0)
  expect(await silent()).toContain('sil-1')
  await aMachine('sil-1', '127.0.0.31')
  await until('sil-1 again', async () => !(await silent()).includes('sil-1'))
  await until('its line', async () => (await hub.search('app:hps-hub "Node is heard again" sil-1')).length > 0)
  expect((await hub.search('app:hps-hub "Node is silent" sil-1')).length).toBe(1)
  expect(mailsOf('sil-1').length).toBe(1)

  expect((await hub.json<PlannedView>(`/api/v1/planned/${plan.id}`, { method: 'DELETE' })).state).toBe('ended')
  await until('the silence of sil-2', async () => (await silent()).includes('sil-2'), { withinMs: 20_000 })

  for (const machine of machines.values()) machine.stop()
  await until('that the hub hears nobody', async () => (await silences()).some(({ subject }) => subject === 'hub'), { withinMs: 20_000 })
  expect(await silent()).toEqual(['sil-2'])
}, 120_000)

/** What a person sees of the silence of sil-1: text, whatever it said. */
async function checkPages(): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] })
  try {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => void complaints.push(error.message))
    page.setDefaultTimeout(15_000)
    await page.goto(`${hub.url}/#/login=${hub.token}`)
    await page.locator('[data-test="page-logs"]').waitFor()
    await page.goto(`${hub.url}/#/silence`)
    const row = await page.locator('[data-test="table-silences"] [data-row]').filter({ hasText: 'sil-1' }).textContent()
    expect(row).toContain('It stopped.')
    expect(row).toContain('Rebooting in 10 seconds..')
    expect(await page.locator('[data-test="table-planned"]').textContent()).toContain('new memory')
    await page.goto(`${hub.url}/#/node/sil-1`)
    await page.locator('[data-test="last-words"]').waitFor()
    expect(await page.locator('[data-test="fatal"] [data-test="text"]').allTextContents()).toEqual(['Kernel panic - not syncing: <b>Fatal</b> exception'])
    expect((await page.locator('[data-test="last-words"] [data-test="text"]').allTextContents()).at(-1)).toBe('Rebooting in 10 seconds..')
    expect(await page.locator('[data-test="fact-silent"]').textContent()).toContain('It stopped.')
    await page.goto(`${hub.url}/#/node/sil-3`)
    await page.locator('[data-test="fact-usual-gap"]').waitFor()
    expect(await page.locator('[data-test="last-words"]').count()).toBe(0)
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
}
