import type { Alert } from '#domain/alert.ts'
import { isOwnRule } from '#domain/own-rules.ts'
import { DEFAULT_QUIET_MS, type Policy } from '../policy.ts'

/** A policy, and the text by which it is kept with an alert. */
export interface KnownPolicy { readonly policy: Policy; readonly text: string }

export type Remembering = Pick<Alert, 'rule' | 'policy' | 'ruleVersion' | 'stateVersion' | 'severity'>

/** What is known of rules that have alerts: of those in use, and of those that only their alerts remember. */
export interface Policies {
  /** The rule in use. */
  current(rule: string): KnownPolicy | undefined
  /** Of the rule in use, else what the alert remembers. */
  of(alert: Remembering): KnownPolicy
  /** What the alert remembers, else what holds where nothing is said. */
  remembered(alert: Remembering): KnownPolicy
  all(): Iterable<Policy>
  replace(policies: readonly Policy[]): void
  /** The hub's own: no file has the rule, its alerts carry their policy, and a reload does not end them. */
  isOwn(rule: string): boolean
}

/** Policies that only alerts remember and that were read of late; forgotten oldest first. */
const MAX_REMEMBERED = 1000

/** @param damaged told of an alert whose policy cannot be read, once a policy; the alert is treated as one whose rule nobody knows */
export function createPolicies(damaged: (alert: Remembering) => void = () => undefined): Policies {
  let inUse = new Map<string, KnownPolicy>()
  const remembered = new Map<string, KnownPolicy>()
  const known = (policy: Policy): KnownPolicy => ({ policy, text: JSON.stringify(policy) })

  function recall(alert: Remembering): KnownPolicy {
    const text = alert.policy
    const key = `${alert.rule} ${text}`
    const before = remembered.get(key)
    if (before !== undefined) return before
    const policy = readPolicy(text)
    if (policy === undefined) damaged(alert)
    if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!)
    const read = { policy: policy ?? unknownPolicy(alert), text }
    remembered.set(key, read)
    return read
  }

  const rememberedBy = (alert: Remembering): KnownPolicy => (alert.policy === '' ? known(unknownPolicy(alert)) : recall(alert))

  return {
    current: (rule) => inUse.get(rule),
    of: (alert) => inUse.get(alert.rule) ?? rememberedBy(alert),
    remembered: rememberedBy,
    *all() {
      for (const { policy } of inUse.values()) yield policy
    },
    replace(policies) {
      inUse = new Map(policies.map((policy) => [policy.rule, known(policy)]))
    },
    isOwn: isOwnRule,
  }
}

function readPolicy(text: string): Policy | undefined {
  try {
    const policy = JSON.parse(text) as Policy | null
    return typeof policy === 'object' && policy !== null && 'resolve' in policy ? policy : undefined
  } catch {
    return undefined // damaged: the caller tells
  }
}

/** Of an alert that an older version of the hub wrote, whose rule is gone: over after a day of quiet; that of a silence when somebody speaks. */
const unknownPolicy = ({ rule, ruleVersion, stateVersion, severity }: Remembering): Policy => ({
  rule, version: ruleVersion, stateVersion, severity, status: 'live', title: '', by: [], forMs: 0, holdMs: 0,
  resolve: { quietMs: isOwnRule(rule) ? undefined : DEFAULT_QUIET_MS, atSessionEnd: false, never: false },
  notify: undefined, escalate: [], inhibit: undefined, raisesAlerts: true, runbook: undefined, owner: undefined,
})
