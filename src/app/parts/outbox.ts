import type { OutboxDetail, OutboxListView, OutboxPart, OutboxRequest, OutboxView, ReceiverView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import type { OutboxFilter, OutboxRecords, OutboxRow } from '#store/index.ts'
import { readNotice, type OutboxDesk, type Receiver, type Routes, type TryOut } from '#triggers/index.ts'
import { presentTrial } from './trial-view.ts'

export interface OutboxPartOptions {
  readonly outbox: Pick<OutboxRecords, 'byId' | 'list' | 'counts'>
  readonly desk: OutboxDesk
  readonly routes: () => Pick<Routes, 'names' | 'receiver'>
  readonly tryOut: (receiver: string, by: string) => Promise<TryOut | undefined>
  wake(): void
}

/** Notices on their way, sent and given up, and who is told, as the API shows them. */
export function createOutboxPart({ outbox, desk, routes, tryOut, wake }: OutboxPartOptions): OutboxPart {
  function known(id: number): OutboxRow {
    const row = outbox.byId(id)
    if (row === undefined) throw new AppFault('not-found', `There is no delivery ${id}; settled ones are removed after a while`)
    return row
  }
  return {
    async list(request) {
      const rows = outbox.list(request.limit + 1, filterOf(request))
      const shown = rows.slice(0, request.limit)
      return { outbox: shown.map(presentRow), cursor: rows.length > request.limit ? String(shown.at(-1)!.id) : null, counts: [...outbox.counts()] } satisfies OutboxListView
    },
    row: async (id) => presentDetail(known(id)),
    async retry(id, by) {
      const { state } = known(id)
      if (desk.again(id, by) !== 'done') throw new AppFault('conflict', `The delivery ${id} is ${state}: only what was given up or cancelled can be sent again`)
      wake()
      return presentDetail(known(id))
    },
    async cancel(id, by) {
      const { state } = known(id)
      if (desk.cancel(id, by) !== 'done') throw new AppFault('conflict', `The delivery ${id} is ${state}: it does not wait any more`)
      return presentDetail(known(id))
    },
    cancelAll: async (scope, by) => desk.cancelWaiting(scope, by),
    receivers: async () => routes().names.map((name) => presentReceiver(routes().receiver(name)!)),
    async tryReceiver(name, by) {
      const trial = await tryOut(name, by)
      if (trial === undefined) throw new AppFault('not-found', `There is no receiver ${name}${routes().names.length === 0 ? ': routes.yaml names none' : `; there are ${routes().names.join(', ')}`}`)
      return presentTrial(trial)
    },
  }
}

const filterOf = ({ states, receiver, rule, alert, cursor }: OutboxRequest): OutboxFilter => ({ states, receiver, rule, alertId: alert, belowId: cursor === undefined ? undefined : Number(cursor) })

function presentRow(row: OutboxRow): OutboxView {
  const { severity, title, kind } = readNotice(row)
  return {
    id: row.id, state: row.state, channel: row.channel, receiver: row.receiver, kind: kind ?? row.kind, rule: row.rule === '' ? null : row.rule,
    // as the mail has it: severity in brackets, which mail programs leave out when they group
    subject: `[${severity.toUpperCase()}] ${title}`,
    attempts: row.attempts, created: formatUtc(row.createdMs), next: row.state === 'queued' || row.state === 'retry' ? formatUtc(row.nextMs) : null,
    done: row.doneMs === undefined ? null : formatUtc(row.doneMs), last_error: row.lastError ?? null, reply: row.reply ?? null,
  }
}

function presentDetail(row: OutboxRow): OutboxDetail {
  const notice = readNotice(row)
  return {
    ...presentRow(row), alerts: notice.kind === 'alerts' || notice.kind === 'digest' ? notice.alerts.map(({ id }) => id) : [],
    expires: row.expiresMs === undefined ? null : formatUtc(row.expiresMs), give_up: row.giveUpMs === undefined ? null : formatUtc(row.giveUpMs), payload: notice,
  }
}

const presentReceiver = ({ name, mail, webhooks, maxPerHour }: Receiver): ReceiverView => ({
  name, channels: [...(mail.length === 0 ? [] : [{ kind: 'mail', to: [...mail] }]), ...webhooks.map(({ url }) => ({ kind: 'webhook', to: [originOf(url)] }))], max_per_hour: maxPerHour,
})

/** Whoever knows the path of a web address may write to it, as with those of chat programs: only where it is, is shown. */
const originOf = (url: string): string => `${URL.parse(url)?.origin ?? 'unreadable'}/…`
