import { meantAmong } from '../routes/fault.ts'
import type { Routes } from '../routes/routes.ts'
import type { RuleFault } from './fault.ts'
import type { Path, Rule } from './rule.ts'

/** What is known of the routes where rules are read. */
export interface KnownReceivers {
  readonly routes: Pick<Routes, 'file' | 'names' | 'receiver'>
  /** Of a receiver that nobody stands in for. The hub warns: an edit of the routes must not put all rules out of use. */
  readonly whenNobody: 'fault' | 'warning'
}

export interface ReceiverFault extends RuleFault { readonly isFault: boolean }

/** Receivers that a rule names and `routes.yaml` does not have; paths begin at the rule. Without a `routes.yaml` nothing is known. */
export function unknownReceiversOf({ policy: { notify, escalate } }: Rule, { routes, whenNobody }: KnownReceivers): readonly ReceiverFault[] {
  if (routes.file === undefined) return []
  const named: readonly { readonly path: Path; readonly name: string | undefined }[] = [
    { path: ['notify', 'to'], name: notify?.to }, ...escalate.map(({ to }, index) => ({ path: ['escalate', index, 'to'], name: to })),
  ]
  return named.flatMap(({ path, name }): readonly ReceiverFault[] => {
    if (name === undefined || routes.names.includes(name)) return []
    const instead = routes.receiver(name)?.name
    const message = `${routes.file!} has no receiver \`${name}\`: ${instead === undefined ? 'nobody is told' : `\`${instead}\` is told instead`}`
    return [{ path, message, hint: meantAmong(name, routes.names), isFault: instead === undefined && whenNobody === 'fault' }]
  })
}
