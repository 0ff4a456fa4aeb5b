/** What this room gives to the API, in the shapes in which the API answers. */
export interface BootFacts {
  readonly address: string
  readonly mac?: string | undefined
  readonly uuid?: string | undefined
  readonly serial?: string | undefined
  readonly arch?: string | undefined
  readonly platform?: string | undefined
  readonly userAgent: string
  /** Base URL under which this caller reached the hub. */
  readonly hubUrl: string
}
export interface BootDecision {
  readonly outcome: 'boot' | 'local' | 'wait' | 'refuse'
  /** Why, for people: shown on the node's screen, in the answer and in the history. */
  readonly why: string
  readonly node: string | null
  readonly session: string | null
  readonly state: string | null
  readonly retryAfterSeconds?: number
  readonly kernelUrl?: string
  readonly initrdUrls?: readonly string[]
  readonly args?: string
}
export interface BootPart {
  decide(facts: BootFacts): Promise<BootDecision>
  /** The same decision in iPXE's language, escaped for it. */
  script(decision: BootDecision): string
  /** The first script: collects facts and chains to `decide`. */
  bootstrap(hubUrl: string): string
  /** Absolute path of an asset below the asset folder, undefined when it would be outside or is not there. */
  asset(path: string): string | undefined
  mayAsk(address: string): boolean
}

export interface NodeView {
  readonly id: number
  readonly name: string
  readonly registered: boolean
  readonly macs: readonly string[]
  readonly addresses: readonly { readonly address: string; readonly kind: string }[]
  readonly aliases: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly profile: string | null
  readonly expected_state: string | null
  readonly state: string | null
  readonly state_since: string | null
  readonly last_seen: string | null
  readonly session: string | null
  /** How far its clock is ahead of the hub's, and when that was last seen. */
  readonly clock: { readonly offset_ms: number; readonly confirmed: string } | null
}
export interface NodeHistoryView {
  readonly at: string
  readonly from: string | null
  readonly to: string
  readonly event: string
  readonly evidence: string
  readonly actor: string
  readonly reason: string
  /** The message that caused it. */
  readonly message_seq: number | null
  readonly session: string | null
}
export interface NodeChange {
  readonly rename?: string | undefined
  readonly macs?: readonly string[] | undefined
  readonly addresses?: readonly string[] | undefined
  readonly aliases?: readonly string[] | undefined
  readonly labels?: Readonly<Record<string, string | null>> | undefined
  readonly profile?: string | null | undefined
  readonly expected_state?: string | null | undefined
  /** An operator event of the lifecycle, e.g. `op.configure`, `op.hold`. */
  readonly event?: string | undefined
}
export type NamedChange = NodeChange & { readonly name: string }
export interface NodesPart {
  list(): Promise<readonly NodeView[]>
  node(name: string): Promise<NodeView>
  history(name: string): Promise<readonly NodeHistoryView[]>
  set(name: string, change: NodeChange, actor: string): Promise<NodeView>
  import(nodes: readonly NamedChange[], actor: string): Promise<{ readonly created: number; readonly changed: number }>
}
