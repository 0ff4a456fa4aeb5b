/** What rules may know about a node beside its messages: `where`, `by`, `each`. A snapshot, taken from `hub.db`. */
export interface NodeFacts {
  readonly nodeId: number
  readonly name: string
  /** Lifecycle state; '' when it is not provisioned. */
  readonly state: string
  readonly profile: string
  /** Labels of the registry, e.g. `rack`. */
  readonly labels: Readonly<Record<string, string>>
  /** 0: none. */
  readonly sessionId: number
  /** Stage of that session; '' when none was seen. */
  readonly stage: string
}

export interface Inventory {
  facts(nodeId: number): NodeFacts | undefined
  /** Every node that is known, also those that never spoke. */
  all(): Iterable<NodeFacts>
}

/** Names that `where.node`, `each.node` and `by` may use beside labels. */
export const NODE_FACTS = ['name', 'state', 'profile', 'stage'] as const

/** The value of a fact or a label; undefined: the node has none of that name. */
export function factOf(facts: NodeFacts, name: string): string | undefined {
  const value = (NODE_FACTS as readonly string[]).includes(name) ? facts[name as (typeof NODE_FACTS)[number]] : facts.labels[name]
  return value === '' ? undefined : value
}

/** `{profile: storage, rack: [r1, r2]}`: every name has one of its values. */
export type NodeFilter = Readonly<Record<string, readonly string[]>>
export const fitsNode = (filter: NodeFilter, facts: NodeFacts): boolean => Object.entries(filter).every(([name, values]) => values.includes(factOf(facts, name) ?? ''))
