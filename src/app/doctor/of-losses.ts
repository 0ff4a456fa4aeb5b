import type { DoctorCheck } from '#api/index.ts'
import { ACCEPT_QUEUE_CONNECTIONS } from '#base/accept-queue.ts'
import { LOSSES, type Loss, type LossReason } from '#domain/loss.ts'
import { sumOf } from './samples.ts'
import { ok, warn } from './verdicts.ts'

/** The ledger of the last day by reason: messages that are nowhere, or not whole. */
export function examineLosses(losses: readonly Loss[]): readonly DoctorCheck[] {
  const counts = new Map<LossReason, number>()
  for (const { reason, count } of losses) counts.set(reason, (counts.get(reason) ?? 0) + count)
  const bad = [...counts].filter(([reason, count]) => count > 0 && (LOSSES[reason].kind === 'lost' || LOSSES[reason].kind === 'cut'))
  if (bad.length === 0) return [ok('losses', 'nothing lost in the last 24 hours')]
  return bad.map(([reason, count]) => warn(`losses:${reason}`, `${count} in the last 24 hours. ${LOSSES[reason].means}`, `${LOSSES[reason].mend} See: hps loss`))
}

/** Connections that the kernel could not hold until somebody accepted them. */
export function examineAcceptQueues(samples: ReadonlyMap<string, number>): DoctorCheck {
  const lost = sumOf(samples, 'hps_ingest_accept_overflows_total')
  if (lost === 0) return ok('accept-queues', 'the kernel has lost no connection that waited to be accepted since the hub started')
  return warn('accept-queues', `the kernel of this machine has lost ${lost} connections that waited to be accepted by some program since the hub started: senders may hold them for established`, `sysctl -w net.core.somaxconn=${ACCEPT_QUEUE_CONNECTIONS} or more, and restart the hub; restart senders that stay silent. nstat -az TcpExtListenOverflows tells whether it goes on`)
}

/** What the kernel dropped on the sockets of this hub since it started. */
export function examineKernel(samples: ReadonlyMap<string, number>): DoctorCheck {
  const dropped = sumOf(samples, 'hps_ingest_dropped_total{reason="kernel-buffer"}')
  if (dropped === 0) return ok('kernel-drops', 'the kernel has dropped no datagram since the hub started')
  return warn('kernel-drops', `the kernel has dropped ${dropped} datagrams since the hub started: its receive buffer was full`, LOSSES['kernel-buffer'].mend)
}
