import type { EvidenceClass } from '#domain/lifecycle.ts'
import { fitsNode, type Inventory } from '../inventory.ts'
import type { Rule } from '../rules/rule.ts'

/** Whom something is about, and how sure that is. */
interface About { readonly nodeId: number; readonly evidence: EvidenceClass; readonly isCertified?: boolean }

/** Whether the rule trusts it and is about this node in this stage: `trust` and `where`. */
export function isMeant({ trust, where }: Pick<Rule, 'trust' | 'where'>, about: About, inventory: Inventory): boolean {
  if (trust === 'lease' && about.evidence === 'C') return false
  if (trust === 'tls' && about.isCertified !== true) return false
  if (where === undefined) return true
  const facts = inventory.facts(about.nodeId)
  return facts !== undefined && fitsNode(where.node, facts) && (where.stage === undefined || where.stage.includes(facts.stage))
}
