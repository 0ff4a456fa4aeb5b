import { createRandom } from '../fixtures/ingest/mutated-inputs.ts'
import { sdText, timeText, type Reading, type Sample } from './reading.ts'

/** A well-formed message, and what it says. */
export interface Generated extends Sample { readonly truth: Required<Reading> }

const RECEIVED_MS = Date.parse('2026-11-22T13:21:40Z')
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const HOSTS = ['tch-001', 'mymachine.example.com', '192.0.2.1', 'web01', '2001:db8::1', 'a']
const APPS = ['su', 'evntslog', 'sshd', 'rsyslogd', 'dnsmasq-dhcp', 'CRON', 'systemd', 'my.app']
const IDS = ['exampleSDID@32473', 'examplePriority@32473', 'origin', 'meta', 'timeQuality']
const NAMES = ['iut', 'eventSource', 'eventID', 'class', 'ip', 'sequenceId']
const VALUES = ['3', 'Application', '1011', 'high', '192.0.2.1', 'two words', '', 'a "quote"', 'a ] bracket', 'a \\ slash', 'k=v', 'größer']
const TEXTS = ["'su root' failed for lonvickk on /dev/pts/8", 'link is down', 'an application event log entry', 'a=1 b=2', 'ok', 'größer: naïve', 'with [brackets] and "quotes"', 'trailing colon:', '10 of 12 done']

/** Deterministic well-formed messages of RFC 5424 and of RFC 3164, in turns. */
export function generate(count: number): readonly Generated[] {
  const random = createRandom(3164)
  const one = <T>(list: readonly T[]): T => list[random(list.length)]!
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? rfc5424(random, one) : rfc3164(random, one)))
}

type One = <T>(list: readonly T[]) => T

function rfc5424(random: (below: number) => number, one: One): Generated {
  const nil = (value: string) => (random(8) === 0 ? '' : value)
  const priority = random(192)
  const sentMs = RECEIVED_MS - random(86_400_000)
  const zone = one(['Z', '+00:00', '+01:00', '-07:00', '+05:30'])
  const offsetMs = zone === 'Z' ? 0 : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * 60_000
  const local = new Date(sentMs + offsetMs).toISOString().slice(0, -1)
  const hasTime = random(10) > 0
  const [fraction, timeMs] = one([['', sentMs - (sentMs % 1000)], [local.slice(19), sentMs], [`${local.slice(19)}999`, sentMs]] as const)
  const elements = Array.from({ length: random(3) }, (_, index) => [IDS[index]!, Object.fromEntries(Array.from({ length: random(3) }, (__, n) => [NAMES[n + index]!, one(VALUES)]))] as const)
  const sd = elements.map(([id, params]) => `[${id}${Object.entries(params).map(([name, value]) => ` ${name}="${value.replace(/["\\\]]/g, '\\$&')}"`).join('')}]`).join('')
  const fields = { host: nil(one(HOSTS)), app: nil(one(APPS)), pid: nil(String(1 + random(99_999))), msgid: nil(one(['ID47', 'TCPIN', 'n_install'])) }
  const text = random(12) === 0 ? '' : one(TEXTS)
  const bom = text !== '' && random(6) === 0 ? '\uFEFF' : ''
  const words = [hasTime ? `${local.slice(0, 19)}${fraction}${zone}` : '-', ...Object.values(fields).map((value) => (value === '' ? '-' : value)), sd === '' ? '-' : sd]
  return {
    name: bom === '' ? 'generated RFC 5424' : 'generated RFC 5424 with BOM',
    bytes: Buffer.from(`<${priority}>1 ${words.join(' ')}${text === '' ? '' : ` ${bom}${text}`}`),
    receivedMs: RECEIVED_MS,
    truth: { priority: String(priority), time: hasTime ? timeText(timeMs) : '', ...fields, sd: sd === '' ? '' : sdText(elements), text },
  }
}

function rfc3164(random: (below: number) => number, one: One): Generated {
  const priority = random(192)
  const sentMs = RECEIVED_MS - (RECEIVED_MS % 1000) - 1000 * random(86_400 * 150)
  const date = new Date(sentMs)
  const fields = { host: one(HOSTS), app: one(APPS), pid: random(2) === 0 ? '' : String(1 + random(99_999)) }
  const text = one(TEXTS)
  const stamp = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)}`
  return {
    name: 'generated RFC 3164',
    bytes: Buffer.from(`<${priority}>${stamp} ${fields.host} ${fields.app}${fields.pid === '' ? '' : `[${fields.pid}]`}: ${text}`),
    receivedMs: RECEIVED_MS,
    truth: { priority: String(priority), time: timeText(sentMs), ...fields, msgid: '', sd: '', text },
  }
}
