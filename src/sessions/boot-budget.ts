import type { NodeState } from './state.ts'

/** Boots of one node that may follow each other at any pace, and how soon there is room for another. A machine in a crash loop stays below. */
const NODE_BOOTS = 20
const NODE_REFILL_MS = 30_000
/** The same for all nodes together that nobody registered: anyone can make up ten thousand of them. */
const SEEN_BOOTS = 20_000
const SEEN_REFILL_MS = 500

export interface BootBudget {
  /** Whether the node may open one more session now. A datagram is enough to claim a boot, and each costs rows in hub.db that stay. */
  take(node: NodeState, atMs: number): boolean
}

/** Token buckets, one a node that has booted and one for all that nobody registered; they are full after a restart. */
export function createBootBudget(): BootBudget {
  const ofNode = new WeakMap<NodeState, Bucket>()
  const seen: Bucket = { left: SEEN_BOOTS, atMs: 0 }
  return {
    take(node, atMs) {
      const own = ofNode.get(node) ?? { left: NODE_BOOTS, atMs }
      ofNode.set(node, own)
      refill(own, { atMs, most: NODE_BOOTS, everyMs: NODE_REFILL_MS })
      refill(seen, { atMs, most: SEEN_BOOTS, everyMs: SEEN_REFILL_MS })
      if (own.left < 1 || (!node.registered && seen.left < 1)) return false
      own.left--
      if (!node.registered) seen.left--
      return true
    },
  }
}

interface Bucket { left: number; atMs: number }

/** A clock that was set back gives nothing and takes nothing. */
function refill(bucket: Bucket, { atMs, most, everyMs }: { readonly atMs: number; readonly most: number; readonly everyMs: number }): void {
  bucket.left = Math.min(most, bucket.left + Math.max(0, atMs - bucket.atMs) / everyMs)
  bucket.atMs = atMs
}
