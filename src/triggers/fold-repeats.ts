import type { RuleHit } from './protocol.ts'

/**
 * Repeats of one rule about one key become one hit with a count, so that a storm does not become a flood between threads.
 * What reports events or stages is folded only while no other rule reported something about the same node in between:
 * their order is what they mean.
 */
export function foldRepeats(hits: readonly RuleHit[]): readonly RuleHit[] {
  if (hits.length < 2) return hits
  const folded: RuleHit[] = []
  const places = new Map<string, number>()
  const lastReporter = new Map<number, string>()
  for (const hit of hits) {
    const id = `${hit.rule}\0${hit.key}`
    const place = places.get(id)
    const isInOrder = hit.emit === undefined || lastReporter.get(hit.nodeId) === id
    if (hit.emit !== undefined) lastReporter.set(hit.nodeId, id)
    const first = place === undefined ? undefined : folded[place]
    if (first === undefined || !isInOrder || first.sessionId !== hit.sessionId || first.nodeId !== hit.nodeId || first.evidence !== hit.evidence) {
      places.set(id, folded.length)
      folded.push(hit)
    } else folded[place!] = { ...first, count: first.count + hit.count, lastSeq: hit.lastSeq, lastMs: Math.max(first.lastMs, hit.lastMs) }
  }
  return folded
}
