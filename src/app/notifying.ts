import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Alert } from '#domain/alert.ts'
import type { Renderer } from '#render/index.ts'
import { createAlertRecords, createAlertTransitionRecords, type OutboxRow, type ProvisionRecords, type ReaderClient } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import {
  alertField, createDeadLetter, createMailChannel, createNotifying, createOutbox, createOutboxDesk, createRunbooks, createTryOut, createWebhookChannel, mailDomain, messageIdOf,
  type AlertNames, type Mutes, type Policies, type Routes,
} from '#triggers/index.ts'
import type { HubConfig } from './config.ts'
import type { HubPaths } from './paths.ts'
import type { Records } from './records.ts'

export interface NotifyingParts {
  readonly config: HubConfig
  readonly paths: Pick<HubPaths, 'program'>
  readonly records: Records
  readonly provisioned: Pick<ProvisionRecords, 'find'>
  readonly names: AlertNames
  readonly routes: () => Routes
  readonly policies: Policies
  readonly mutes: Mutes
  readonly renderer: Renderer
  readonly reader: Pick<ReaderClient, 'context'>
  readonly clock: () => number
  readonly log: Logger
  readonly metrics: Metrics
}

/** Everything from an alert's step to the answer of a mail server: groups, the outbox, and its channels. */
export function createNotices({ config, paths, records, provisioned, names, routes, policies, mutes, renderer, reader, clock, log, metrics }: NotifyingParts) {
  const { db } = records
  const domain = mailDomain(config.mail.from)
  const publicUrl = config.http.public_url ?? `http://${hostname()}:${config.http.port}`
  const after = (ms: number, work: () => void) => {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  }
  /** Beside what silences may ask for, what the registry knows of the node. */
  const fieldOf = (alert: Alert, field: string): string | undefined => {
    const value = alertField(alert, field, names)
    if (value !== undefined || alert.nodeId === 0) return value
    const facts = field === 'state' || field === 'profile' ? provisioned.find(alert.nodeId) : undefined
    return field === 'state' ? facts?.state : (facts?.profile ?? undefined)
  }
  const notifying = createNotifying({
    db, clock, routes, mutes, names, fieldOf, after, log, metrics, alerts: createAlertRecords(db), transitions: createAlertTransitionRecords(db),
    policyOf: (alert) => policies.of(alert).policy, newId: randomUUID, threadOf: (key) => messageIdOf(key, domain), wakeOutbox: () => outbox.wake(),
  })
  const mail = createMailChannel({
    config: config.mail, routes, renderer, runbook: createRunbooks(paths.program), publicUrl, context: (seq, range) => reader.context(seq, range), facts: (nodeId) => provisioned.find(nodeId), clock, metrics, hubName: hostname(),
  })
  const webhook = createWebhookChannel({ routes, publicUrl, clock, log })
  const outbox = createOutbox({
    db, clock, random: Math.random, after, log, metrics, deliver: (row: OutboxRow) => (row.channel === 'webhook' ? webhook : mail).deliver(row),
    expired: (row) => notifying.expired(row), died: createDeadLetter({ db, routes, clock, newId: randomUUID }),
  })

  function wake(): void {
    notifying.wake()
    outbox.wake()
  }
  // what waited when the hub stopped
  after(0, wake)

  return {
    notifying,
    /** There may be something to tell, or to send. */
    wake,
    desk: createOutboxDesk({ db, clock, log }),
    tryOut: createTryOut({ routes, mail, webhook }),
    async stop() {
      notifying.stop()
      mail.close()
      await outbox.stop()
    },
  }
}
