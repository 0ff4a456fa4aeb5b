import type { MessageView } from './message-view.ts'

/** A silence that goes on. Times are RFC 3339. */
export interface SilenceView {
  readonly subject: 'node' | 'source' | 'hub'
  /** Of the node or the source; 0: the hub hears nobody. */
  readonly id: number
  /** The node's name, the sender's address, `hub`. */
  readonly name: string
  /** How a sender sends; of others null. */
  readonly transport: string | null
  /** The node that it is about. */
  readonly node: string | null
  readonly reason: string
  readonly means: string
  readonly since: string
  readonly noticed: string
  /** The longest gap that is usual; null: not known. */
  readonly usual_ms: number | null
  readonly limit_ms: number
  readonly session: string | null
  readonly stage: string | null
  readonly last_seq: number | null
  readonly last_word: string | null
  /** Of the hub: how many should have spoken, and how many of them did not. */
  readonly expected: number | null
  readonly unheard: number | null
}

/** How long somebody is usually quiet, whether it is silent now, and what it said last. */
export interface RhythmView {
  readonly subject: 'node' | 'source'
  readonly id: number
  readonly name: string
  readonly spoke: string | null
  /** Gaps that it was learned from, and how long it was listened to. */
  readonly gaps: number
  readonly learned_ms: number
  /** Null: its rhythm is not known yet. */
  readonly usual_ms: number | null
  readonly limit_ms: number | null
  readonly silence: SilenceView | null
  /** Oldest first: before the silence, or the newest of somebody who speaks. */
  readonly last_words: readonly MessageView[]
  /** Those that tell of an end (a panic, no memory), from further back too. */
  readonly fatal: readonly MessageView[]
}

/** Announced work: whoever it is about may be silent. */
export interface PlannedView {
  readonly id: number
  /** One of them, or neither: everybody. */
  readonly node: string | null
  readonly source: string | null
  readonly from: string
  readonly until: string
  /** ahead, now, over, ended */
  readonly state: string
  readonly why: string
  readonly by: string
  readonly made: string
  readonly ended: string | null
  readonly ended_by: string | null
}
export interface PlanRequest {
  readonly node?: string | undefined
  readonly source?: string | undefined
  /** Everybody; must be said, so that nobody forgets a name. */
  readonly all?: boolean | undefined
  /** A duration. */
  readonly for: string
  /** RFC 3339; left out: now. */
  readonly from?: string | undefined
  readonly why: string
}

export interface SilencesPart {
  list(): Promise<readonly SilenceView[]>
  /** A node by name, a source by number or address. */
  of(subject: 'node' | 'source', name: string): Promise<RhythmView>
  /** Nobody waits for it any more; whoever speaks again is learned anew. */
  forget(subject: 'node' | 'source', name: string, actor: string): Promise<void>
  /** Newest first. */
  planned(): Promise<readonly PlannedView[]>
  plan(request: PlanRequest, actor: string): Promise<PlannedView>
  end(id: number, actor: string): Promise<PlannedView>
}
