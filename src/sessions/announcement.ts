import { SESSION_KINDS, type SessionEnd, type SessionKind } from '#domain/session.ts'
import { parseMac } from '#base/mac.ts'
import type { WireFault } from './counters.ts'
import { hostNameOf } from './host-name.ts'

/** The text of an `hps-session` message. */
export type Announcement =
  | { readonly kind: 'start'; readonly host: string; readonly bootTimeMs: number; readonly bootId: string | undefined; readonly mac: string | undefined; readonly sessionKind: SessionKind }
  | { readonly kind: 'end'; readonly reason: Exclude<SessionEnd, 'superseded'> }
  | { readonly kind: 'malformed'; readonly reason: WireFault }

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/
const BOOT_TIME = /^\d{9,11}(?:\.\d+)?$/

/** Keys that are not known are passed over, so that newer nodes can say more. */
export function parseAnnouncement(text: string): Announcement {
  const [verb, ...words] = text.trim().split(/\s+/)
  const fields = new Map<string, string>()
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 1) return malformed('announcement-field')
    fields.set(word.slice(0, equals), word.slice(equals + 1))
  }
  if (verb === 'end') {
    const reason = fields.get('reason')
    return reason === 'reboot' || reason === 'shutdown' ? { kind: 'end', reason } : malformed('announcement-field')
  }
  return verb === 'start' ? parseStart(fields) : malformed('announcement-verb')
}

function parseStart(fields: ReadonlyMap<string, string>): Announcement {
  const host = hostNameOf(fields.get('host') ?? '')
  if (host === '') return malformed('announcement-host')
  const bootTime = fields.get('boot_time') ?? ''
  if (!BOOT_TIME.test(bootTime)) return malformed('announcement-time')
  const bootId = fields.get('boot_id')?.toLowerCase()
  if (bootId !== undefined && !UUID.test(bootId)) return malformed('announcement-field')
  const mac = fields.has('mac') ? parseMac(fields.get('mac')!) : undefined
  if (fields.has('mac') && mac === undefined) return malformed('announcement-field')
  const sessionKind = (fields.get('kind') ?? 'unknown') as SessionKind
  if (!SESSION_KINDS.includes(sessionKind)) return malformed('announcement-field')
  return { kind: 'start', host, bootTimeMs: Math.floor(Number(bootTime)) * 1000, bootId, mac, sessionKind }
}

const malformed = (reason: WireFault): Announcement => ({ kind: 'malformed', reason })
