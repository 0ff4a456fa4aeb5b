import type { StoredMessage } from './message.ts'

/** By what the time since the boot is known: the kernel's own clock, the sender's (set right by what is known of it), or the receipt. */
export const SINCE_BOOT_BY = ['kernel', 'sent', 'received'] as const
export interface SinceBoot { readonly ms: number; readonly by: (typeof SINCE_BOOT_BY)[number] }

export interface BootOfMessage {
  /** When the machine started, as far as is known; else when its session opened. */
  readonly bootMs: number
  /** How far the clock of the node is ahead of the hub's; undefined: not known, taken as right. */
  readonly clockOffsetMs: number | undefined
}

/** The kernel's clock before the text of its message; the record of /dev/kmsg has it in its header. */
const PRINTK = /^\[\s*(\d{1,10})\.(\d{6})\]/
const KMSG = /^(?:<\d{1,3}>)?\d{1,10},\d{1,20},(\d{1,16}),/
/** A stamp this near to the receipt is fresh: it is better than the time of receipt, which has the delay in it. */
const FRESH_MS = 60_000
/** Stamps that the hub cannot place: their zone may not have been known when they came. */
const ZONELESS = ['no-zone', 'unknown-zone']
const UNBELIEVABLE = ['clock-not-set', 'uptime-stamp', 'bad-timestamp']

/** How long after the start of its machine a stored message was said, in milliseconds; negative where clocks disagree a little. */
export function sinceBoot(message: Pick<StoredMessage, 'receivedMs' | 'sentMs' | 'facility' | 'app' | 'format' | 'faults' | 'text' | 'raw'>, { bootMs, clockOffsetMs = 0 }: BootOfMessage): SinceBoot {
  const kernelMs = kernelClockMs(message)
  if (kernelMs !== undefined) return { ms: kernelMs, by: 'kernel' }
  const { receivedMs, sentMs, faults } = message
  const saidMs = sentMs === undefined ? Number.NaN : sentMs - clockOffsetMs
  const isFresh = Math.abs(receivedMs - saidMs) <= FRESH_MS
  const isOld = saidMs < receivedMs && saidMs >= bootMs && !faults.some((fault) => ZONELESS.includes(fault))
  if ((isFresh || isOld) && !faults.some((fault) => UNBELIEVABLE.includes(fault))) return { ms: Math.round(saidMs - bootMs), by: 'sent' }
  return { ms: Math.round(receivedMs - bootMs), by: 'received' }
}

/** Only of what comes from the kernel: a program may print such a clock too (`dmesg | logger`). */
function kernelClockMs({ facility, app, format, text, raw }: Pick<StoredMessage, 'facility' | 'app' | 'format' | 'text' | 'raw'>): number | undefined {
  if (format === 'kmsg') {
    const record = KMSG.exec(Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.length, 64)).toString('latin1'))
    return record === null ? undefined : Math.round(Number(record[1]) / 1000)
  }
  if (facility !== 'kern' && app !== 'kernel') return undefined
  const clock = PRINTK.exec(text)
  return clock === null ? undefined : Number(clock[1]) * 1000 + Math.round(Number(clock[2]) / 1000)
}
