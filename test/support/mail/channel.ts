import { createRenderer } from '#render/index.ts'
import type { OutboxRow } from '#store/index.ts'
import { createMailChannel, NO_ROUTES, type Routes } from '#triggers/index.ts'
import type { MailOptions } from '#triggers/actions/mail.ts'
import type { MailTiming } from '#triggers/actions/mail-smtp.ts'
import type { Notice } from '#triggers/notice.ts'
import { AT_MS, FACTS, ofAlerts, RAID, RAID_LINES } from './samples.ts'

/** Short, since a test waits for it; long enough for a machine that is busy. */
export const TEST_TIMING: MailTiming = { connectMs: 2000, greetingMs: 2000, answerMs: 2000, mailMs: 10_000 }

/** Routes with one receiver, `ops`. */
export const routesTo = (mail: readonly string[]): Routes => {
  const ops = { name: 'ops', mail, webhooks: [], maxPerHour: 100, digestMs: undefined, quiet: [], quietExcept: [] }
  return { ...NO_ROUTES, file: 'routes.yaml', names: ['ops'], receiver: () => ops }
}

export interface ChannelSettings {
  readonly config?: Partial<MailOptions['config']>
  readonly to?: readonly string[]
  readonly timing?: Partial<MailTiming>
  readonly options?: Partial<MailOptions>
}

/** A mail channel to a server on this machine, with its counters. */
export function aChannel(port: number, { config = {}, to = ['ops@example.org'], timing = {}, options = {} }: ChannelSettings = {}) {
  const counts: Record<string, number> = {}
  const channel = createMailChannel({
    config: { host: '127.0.0.1', port, tls: 'none', from: 'HPS hub <hps@hub.example.org>', ...config }, routes: () => routesTo(to), renderer: createRenderer(), context: () => Promise.resolve(RAID_LINES),
    publicUrl: 'https://hub.example.org', facts: () => FACTS, runbook: () => [], clock: () => AT_MS, hubName: 'hub.example.org',
    metrics: { add(name, labels = {}, value = 1) {
      const key = [name, ...Object.values(labels)].join(' ')
      counts[key] = (counts[key] ?? 0) + value
    } },
    timing: { ...TEST_TIMING, ...timing }, ...options,
  })
  return { ...channel, counts, [Symbol.dispose]: () => channel.close() }
}

/** A row of the outbox as the channel gets it. */
export const aRow = (id = 1, notice: Notice = ofAlerts([RAID])): OutboxRow => ({
  id, dedupKey: `key-${id}`, channel: 'mail', receiver: 'ops', payload: JSON.stringify(notice), state: 'sending', attempts: 1, nextMs: 0, lastError: undefined, reply: undefined, createdMs: AT_MS, doneMs: undefined, alertId: undefined,
} as OutboxRow)
