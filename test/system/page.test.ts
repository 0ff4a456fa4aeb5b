import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/child.ts'
import { aHub, untilFound, type RunningHub } from '../support/hub.ts'
import { sendUdp } from '../support/senders.ts'

/** A person at the page: Debian's Chromium, driven as one would, against the hub as it is started by its users. */
const BROWSER = '/usr/bin/chromium'
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const PATIENCE_MS = 15_000

let hub: RunningHub & AsyncDisposable
let browser: Browser
let page: Page
/** What the page must never do: fail in its script, or ask anybody but the hub. */
const complaints: string[] = []

beforeAll(async () => {
  hub = await aHub()
  browser = await chromium.launch({ executablePath: BROWSER, headless: true, args: ARGUMENTS })
  page = await newPage()
  await page.goto(operatorLink())
  await on('page-logs').waitFor()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await hub?.[Symbol.asyncDispose]()
})

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ baseURL: hub.url })
  const made = await context.newPage()
  made.setDefaultTimeout(PATIENCE_MS)
  made.on('pageerror', (error) => void complaints.push(`error: ${error.message}`))
  made.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  made.on('request', (request) => {
    if (!request.url().startsWith(hub.url) && !request.url().startsWith('data:')) complaints.push(`asked elsewhere: ${request.url()}`)
  })
  return made
}

/** The link that the hub prints at its first start, as seen from this machine. */
function operatorLink(): string {
  const link = /https?:\/\/\S+#\S*/.exec(hub.child.output())?.[0]
  if (link === undefined) throw new Error(`no operator link in:\n${hub.child.output()}`)
  return link.replace(/^https?:\/\/[^/]+/, hub.url)
}

/** The element that carries `data-test`. */
const on = (name: string) => page.locator(`[data-test="${name}"]`)
const open = async (hash: string, ready: string): Promise<void> => {
  await page.goto(`${hub.url}/#${hash}`)
  await on(ready).first().waitFor()
}
const send = (lines: readonly string[]): Promise<void> => sendUdp(hub.syslogPort, lines)
const search = async (query: string): Promise<void> => {
  await on('search').fill(query)
  await on('search-go').click()
}
const texts = (): Promise<string[]> => on('messages').locator('[data-test="message"] [data-test="text"]').allTextContents()

test('the operator link logs in, and leaves no token in the address or the history', async () => {
  expect(page.url()).not.toContain(hub.token)
  expect(page.url()).not.toContain('login')
  await page.reload()
  await on('page-logs').waitFor()
  await page.goBack().catch(() => null)
  expect(page.url()).not.toContain(hub.token)
  await open('/logs', 'page-logs')
})

test('without a login there is a form, and a wrong token is refused with a reason', async () => {
  const stranger = await newPage()
  await stranger.goto(hub.url)
  await stranger.locator('[data-test="token"]').fill('hps_op_not-one-of-ours')
  await stranger.locator('[data-test="login-go"]').click()
  await stranger.locator('[data-test="problem"]').waitFor()
  await stranger.locator('[data-test="token"]').fill(hub.token)
  await stranger.locator('[data-test="login-go"]').click()
  await stranger.locator('[data-test="page-logs"]').waitFor()
  await stranger.context().close()
})

test('a search shows what fits and nothing else, and its address can be shared', async () => {
  await send(['<11>1 - tch-101 zed - - - vdev sda is DEGRADED pageword', '<14>1 - tch-102 cron - - - run-parts done pageword', '<14>1 - tch-103 sshd - - - nothing of it'])
  await untilFound(hub, 'pageword', 2)
  await open('/logs', 'page-logs')
  await search('pageword severity:<=err')
  await until('one message', async () => (await texts()).length === 1 && (await texts())[0]!.includes('DEGRADED'))
  const address = page.url()
  await open('/sessions', 'page-sessions')
  await page.goto(address)
  await until('the same message', async () => (await texts()).length === 1)
  expect(await on('search').inputValue()).toBe('pageword severity:<=err')
})

test('the strip over time leads to the messages of a step, and what is in it to those of a kind', async () => {
  await send(Array.from({ length: 6 }, (_, i) => `<${i === 0 ? 11 : 14}>1 - tch-108 stripapp - - - stripword number ${i} of the strip`))
  await untilFound(hub, 'stripword', 6)
  await open('/logs?q=stripword', 'histogram')
  await until('six messages', async () => (await texts()).length === 6)
  const steps = (await on('step').allTextContents()).map((words) => /: (\d+) messages?(?:, (\d+) of them warnings or worse)?$/.exec(words))
  expect([1, 2].map((place) => steps.reduce((sum, found) => sum + Number(found?.[place] ?? 0), 0))).toEqual([6, 1])
  await on('in-it').locator('summary').click()
  await until('their kind', async () => (await on('value').count()) === 1)
  expect(await on('value').textContent()).toContain('stripword number * of the strip')
  await on('by-app').click()
  await until('their program', async () => ((await on('value').textContent()) ?? '').includes('stripapp'))
  await on('step').last().click()
  await until('a range', async () => (await on('search').inputValue()).includes('since:'))
  await until('messages of the step', async () => (await texts()).length > 0)
})

test('a word that is only found inside others is suggested in its wider form', async () => {
  await open('/logs?q=tripwor', 'broader')
  await on('broader').locator('a').click()
  await until('what is wider', async () => (await texts()).length === 6)
})

test('a query with a fault says where it is', async () => {
  await search('severity:nonsense')
  await on('query-fault').waitFor()
})

test('a message is shown with its fields, its bytes and what was logged around it', async () => {
  await send(Array.from({ length: 9 }, (_, i) => `<30>1 - tch-104 dracut 77 ID7 [x@1 k="v"] contextword line ${i}`))
  await untilFound(hub, 'contextword', 9)
  await open(`/logs?q=${encodeURIComponent('"contextword line 4"')}`, 'message')
  await on('open').first().click()
  await on('page-message').waitFor()
  expect(await on('page-message').locator('[data-test="text"]').first().textContent()).toBe('contextword line 4')
  await until('the context', async () => (await on('context').locator('[data-test="message"]').count()) >= 9)
  const facts = await on('page-message').textContent()
  for (const part of ['dracut', '77', 'ID7', 'k="v"', 'daemon']) expect(facts).toContain(part)
  await until('the bytes', async () => (await on('raw').textContent())!.includes('<30>1 - tch-104'))
})

test('the live tail shows new messages while it is on, and none twice', async () => {
  await open('/logs?q=liveword', 'page-logs')
  await on('live').click()
  await until('the tail to be live', async () => (await on('live').getAttribute('data-state')) === 'live')
  await send(['<14>1 - tch-105 app - - - liveword one'])
  await until('the first', async () => (await texts()).length === 1)
  await send(['<14>1 - tch-105 app - - - liveword two', '<14>1 - tch-105 app - - - not for this tail', '<14>1 - tch-105 app - - - liveword three'])
  await until('the others', async () => (await texts()).length === 3)
  expect(await texts()).toEqual(['liveword three', 'liveword two', 'liveword one'])
  await on('pause').click()
  await send(['<14>1 - tch-105 app - - - liveword four'])
  await until('one to wait', async () => (await on('paused').textContent())!.includes('1'))
  expect((await texts()).length).toBe(3)
  await on('resume').click()
  await until('the fourth', async () => (await texts())[0] === 'liveword four')
  await on('live').click()
})

test('sessions: a node that announces itself has one, with its messages in order', async () => {
  const bootTime = Math.floor(Date.now() / 1000) - 30
  await send([`<14>1 - tch-106 hps-session - - - start host=tch-106 boot_time=${bootTime} kind=install`, '<14>1 - tch-106 anaconda - - - sessionword first', '<14>1 - tch-106 anaconda - - - sessionword second'])
  await untilFound(hub, 'sessionword', 2)
  await open('/sessions?node=tch-106', 'table-sessions')
  await on('table-sessions').locator('a').first().click()
  await on('page-session').waitFor()
  await until('its stages', async () => (await on('table-stages').locator('[data-row]').allTextContents()).some((row) => row.startsWith('kernel.up+')))
  await until('its messages', async () => (await texts()).filter((text) => text.includes('sessionword')).length === 2)
  expect((await texts()).filter((text) => text.includes('sessionword'))).toEqual(['sessionword first', 'sessionword second'])
})

test('what is missing by the numbers of a sender is said of its session, of its source and of the hub', async () => {
  await send([1, 2, 5].map((number) => `<14>1 - tch-109 app - - [meta sequenceId="${number}"] numberword ${number}`))
  await untilFound(hub, 'numberword', 3)
  await until('the gap in the ledger', async () => (await hub.json<{ readonly missing: number }>('/api/v1/losses')).missing === 2)
  await open('/sessions?node=tch-109', 'table-sessions')
  expect(await on('completeness').innerText()).toBe('gaps')
  await on('table-sessions').locator('a').first().click()
  await on('fact-complete').waitFor()
  expect(await on('fact-complete').innerText()).toContain('2 messages missing by the numbers of the sender.')
  await open('/loss', 'verdict')
  expect(await on('verdict').innerText()).toContain('2 numbers of senders never came')
  expect(await on('table-listeners').innerText()).toMatch(/udp/)
  await on('table-sources').locator('a').first().click()
  await on('page-source').waitFor()
  expect(await on('verdict').innerText()).toContain('2 numbers of senders never came')
})

test('a message with line separators of Unicode is found and shown', async () => {
  await send(['<14>1 - tch-108 editor - - - sepword before\u2028behind\u2029end'])
  await untilFound(hub, 'sepword')
  await open('/logs?q=sepword', 'message')
  await until('its row', async () => (await texts()).some((text) => text.includes('behind')))
})

// A log line is an attacker's text: on every page that shows it, it stays text.
const ATTACKS = ['<img src=x onerror="window.hit=1">', '<script>window.hit=1</script>', '"><svg/onload=window.hit=1>', "javascript:window.hit=1//'><a href=javascript:window.hit=1>", '{{constructor.constructor("window.hit=1")()}}']
test('the page of the hub says what its doctor finds, worst first, and what waits in its queues', async () => {
  await open('/hub', 'page-hub')
  await on('table-checks').locator('tbody tr').first().waitFor()
  const verdicts = await on('table-checks').locator('tbody tr td:first-child').allInnerTexts()
  expect(verdicts.length).toBeGreaterThan(15)
  expect(verdicts).toEqual(verdicts.toSorted((a, b) => ['fail', 'warn', 'ok'].indexOf(a) - ['fail', 'warn', 'ok'].indexOf(b)))
  expect(await on('table-queues').innerText()).toContain('batches-waiting')
})

test('alerts: a rule fires, the page shows it by itself; a person looks after it and silences it; it is over', async () => {
  await open('/alerts', 'calm')
  expect(await on('calm').innerText()).toContain('Nothing is wrong.')
  const loaded = await page.evaluate('window.loadedOnce = true')
  await send(['<2>1 - tch-110 kernel - - - md/raid1:md0: Disk failure on sdb, disabling device.'])
  const row = on('table-alerts').locator('tbody tr', { hasText: 'tch-110' })
  await row.waitFor()
  await on('alert-badge').waitFor()
  expect(await row.innerText()).toContain('firing')
  // nothing was loaded anew
  expect(await page.evaluate('window.loadedOnce')).toBe(loaded)

  await row.locator('[data-test="ack"]').click()
  await on('note').fill(`disk ordered ${ATTACKS[0]!}`)
  await on('dialog-go').click()
  await until('it to be looked after', async () => (await row.innerText()).includes('acknowledged'))
  await until('no badge', async () => (await on('alert-badge').count()) === 0)

  await row.locator('[data-test="silence"]').click()
  await until('what it would cover', async () => (await on('covers').innerText()).includes('1 open alert'))
  await on('reason').fill('new disk comes tomorrow')
  await on('dialog-go').click()
  await row.locator('[data-test="mute"]').waitFor()
  expect(await on('table-alert-silences').innerText()).toContain('new disk comes tomorrow')

  await row.locator('[data-test="alert"]').click()
  await on('table-history').waitFor()
  expect(await on('table-history').innerText()).toContain(`disk ordered ${ATTACKS[0]!}`)
  expect(await on('mutes').innerText()).toContain('new disk comes tomorrow')
  expect(await on('context').locator('[aria-current="true"]').innerText()).toContain('Disk failure on')
  await send(['<6>1 - tch-110 kernel - - - md: md0: recovery done.'])
  await until('it to be over, without a reload', async () => (await on('table-history').innerText()).includes('what ends it was seen'))
  expect(await page.evaluate('window.loadedOnce')).toBe(loaded)
  await open('/alerts', 'calm')
  await until('since when nothing is wrong', async () => (await on('calm').innerText()).includes('The last alert was over'))
})

test('an alert that was closed elsewhere is not acknowledged by a page that shows it as it was', async () => {
  await send(['<2>1 - tch-111 kernel - - - md/raid1:md1: Disk failure on sdc, disabling device.'])
  await open('/alerts', 'table-alerts')
  const row = on('table-alerts').locator('tbody tr', { hasText: 'tch-111' })
  await row.locator('[data-test="ack"]').click()
  const id = Number(await row.getAttribute('data-id'))
  await hub.json(`/api/v1/alerts/${id}/close`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"note":"elsewhere"}' })
  await on('dialog-go').click()
  await on('dialog').locator('[data-test="problem"]').waitFor()
  expect(await on('dialog').innerText()).toContain('is resolved by now, not firing')
  await on('dialog-leave').click()
})

test('rules are listed with what they did, each has a page with its text and tests; the outbox says who can be told', async () => {
  await open('/rules', 'table-rules')
  await on('table-rules').locator('a', { hasText: 'storage.raid-disk-failed' }).first().click()
  await on('rule-test').first().waitFor()
  expect(await on('page-rule').innerText()).toContain('- id: storage.raid-disk-failed')
  await open('/outbox', 'page-outbox')
  await until('what was found', async () => (await on('page-outbox').innerText()).includes('Receivers'))
})

test('markup and script in a message, a host name or a program name stay text', async () => {
  await send(ATTACKS.map((attack, i) => `<11>1 - tch-107 attack${i} - - - xssword ${attack}`))
  await send(['<11>1 - <img/src=x/onerror=window.hit=1> <script>window.hit=1</script> <b> - - xssword in the header'])
  await untilFound(hub, 'xssword', ATTACKS.length + 1)
  await open('/logs?q=xssword', 'message')
  await until('all of them', async () => (await texts()).length === ATTACKS.length + 1)
  expect(await texts()).toEqual(expect.arrayContaining(ATTACKS.map((attack) => `xssword ${attack}`)))
  for (const message of await hub.search('xssword')) {
    await open(`/message/${message.seq}`, 'page-message')
    await on('context').locator('[data-test="message"]').first().waitFor()
  }
  await open('/nodes', 'page-nodes')
  await open('/sessions', 'page-sessions')
  await open('/sources', 'page-sources')
  await on('table-sources').locator('a[href^="#/source/"]').first().click()
  await on('page-source').locator('[data-test="sample"]').first().waitFor()
  await open(`/logs?q=${encodeURIComponent('"<img src=x onerror=window.hit=1>"')}`, 'page-logs')
  expect(await page.evaluate('window.hit')).toBe(undefined)
  expect(await page.locator('main img, main script, main svg').count()).toBe(0)
})

test('logging out ends the login', async () => {
  const leaving = await newPage()
  await leaving.goto(operatorLink())
  await leaving.locator('[data-test="logout"]').click()
  await leaving.locator('[data-test="login"]').waitFor()
  await leaving.goto(`${hub.url}/#/logs`)
  await leaving.reload()
  await leaving.locator('[data-test="login"]').waitFor()
  await leaving.context().close()
})

test('in all of this no script failed, and nobody but the hub was asked', () => {
  expect(complaints).toEqual([])
})
