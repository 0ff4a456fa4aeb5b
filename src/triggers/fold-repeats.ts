import type { NewFinding } from './correlate/correlator.ts'

/**
 * Repeats of one rule about one key become one finding with a count, so that a storm does not become a flood between threads;
 * a `clear` in between ends them, since what comes after it is another alert. What reports events or stages is folded only while no other
 * rule reported something about the same node in between: their order is what they mean.
 */
export function foldRepeats<Found extends NewFinding>(findings: readonly Found[]): readonly Found[] {
  if (findings.length < 2) return findings
  const folded: Found[] = []
  const places = new Map<string, number>()
  const lastReporter = new Map<number, string>()
  for (const finding of findings) {
    const id = `${finding.rule}\0${finding.key}`
    const place = places.get(id)
    const isInOrder = finding.emit === undefined || lastReporter.get(finding.nodeId) === id
    if (finding.emit !== undefined) lastReporter.set(finding.nodeId, id)
    const first = place === undefined ? undefined : folded[place]
    if (first === undefined || !isInOrder || !isAlike(first, finding)) {
      places.set(id, folded.length)
      folded.push(finding)
    } else folded[place!] = { ...first, count: first.count + finding.count, lastSeq: Math.max(first.lastSeq, finding.lastSeq), lastMs: Math.max(first.lastMs, finding.lastMs) }
  }
  return folded
}

const isAlike = (a: NewFinding, b: NewFinding): boolean =>
  a.kind === b.kind && a.sessionId === b.sessionId && a.nodeId === b.nodeId && a.evidence === b.evidence && a.version === b.version && a.isLate === b.isLate && a.reason === b.reason && a.reason !== 'changed'
