import { createHash } from 'node:crypto'
import type { Rule } from './rule.ts'

/** Lists in which the order means something; of all others it does not. */
const ORDERED: ReadonlySet<string> = new Set(['by', 'any', 'all', 'steps', 'escalate'])

/** A value as one text that does not depend on how it was written: keys in order, what is not there left out, lists of words sorted, an expression as its source. */
export function canonical(value: unknown, key = ''): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item))
    return `[${(ORDERED.has(key) ? items : [...new Set(items)].sort()).join(',')}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (isExpression(value)) return `{"regex":${JSON.stringify(value.source)}}`
  const entries = Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, name)}`).join(',')}}`
}

const isExpression = (value: object): value is { readonly source: string } => 'source' in value && 'test' in value

const hash = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex').slice(0, 12)

/** Hashes of what a rule means, not of how it is written: see Rule. Tests, tags, owner and remarks may change without making another rule of it. */
export function versionsOf(rule: Omit<Rule, 'version' | 'stateVersion'>): { readonly version: string; readonly stateVersion: string } {
  const { when, by, where, trust, resolveOn, emit, suppress, policy } = rule
  const { rule: _id, version: _version, stateVersion: _state, owner: _owner, runbook: _runbook, ...effects } = policy
  return { version: hash({ when, by, where, trust, resolveOn, emit, suppress, effects }), stateVersion: hash({ when, by, where, trust }) }
}
