import type { Policy } from '../policy.ts'
import { meantAmong } from './fault.ts'
import type { Routes } from './routes.ts'

/** A rule that names somebody whom the routes do not know: it is told to the default receiver, or waits in the outbox. */
export interface UnknownReceiver { readonly rule: string; readonly receiver: string; readonly message: string }

/** Receivers that rules name and `routes.yaml` does not have. */
export function unknownReceivers(policies: Iterable<Pick<Policy, 'rule' | 'notify' | 'escalate'>>, routes: Routes): readonly UnknownReceiver[] {
  const known = new Set(routes.names)
  const found: UnknownReceiver[] = []
  for (const { rule, notify, escalate } of policies) {
    const named = new Set([notify?.to, ...escalate.map(({ to }) => to)].filter((name) => name !== undefined))
    for (const receiver of named) {
      if (known.has(receiver)) continue
      const instead = routes.receiver(receiver)?.name
      const what = routes.file === undefined ? 'there is no routes.yaml' : `${routes.file} has no such receiver (${meantAmong(receiver, routes.names)})`
      found.push({ rule, receiver, message: `rule ${rule} tells \`${receiver}\`: ${what}${instead === undefined ? ', nobody is told' : `, \`${instead}\` is told instead`}` })
    }
  }
  return found
}
