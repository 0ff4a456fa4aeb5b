import type { EvidenceClass } from '#domain/lifecycle.ts'
import type { SessionEnd, SessionOrigin } from '#domain/session.ts'
import type { StageSighting, StageWitness } from '#domain/stages.ts'
import type { NewHubEvent } from '#store/index.ts'
import type { SessionState } from './state.ts'

/** What the boot network's own servers and the hub say about a node; of all else a name is the only proof. */
const PROVING_ORIGINS: readonly SessionOrigin[] = ['decision', 'dhcp']
const PROVING_WITNESSES: readonly StageWitness[] = ['dhcp', 'tftp', 'http', 'decision', 'label']
const evidence = (isProven: boolean): EvidenceClass => (isProven ? 'B' : 'C')

type About = Pick<SessionState, 'id' | 'node' | 'origin'>
const about = ({ id, node }: About): Pick<NewHubEvent, 'nodeId' | 'sessionId' | 'from'> => ({ nodeId: node.id, sessionId: id, from: '' })

/** A boot session of a node began: for rules, which read events from hub.db. */
export const sessionStarted = (session: About, atMs: number): NewHubEvent => ({
  ...about(session), kind: 'session', to: 'start', seq: 0, atMs: Math.round(atMs), evidence: evidence(PROVING_ORIGINS.includes(session.origin)), fields: { origin: session.origin },
})

export const sessionEnded = (session: About, { reason, atMs }: { readonly reason: SessionEnd; readonly atMs: number }): NewHubEvent => ({
  ...about(session), kind: 'session', to: 'end', seq: 0, atMs: Math.round(atMs), evidence: evidence(PROVING_ORIGINS.includes(session.origin)), fields: { reason },
})

/** A stage was seen for the first time in the session. */
export const stageSeen = (session: About, { stage, atMs, seq, by }: StageSighting): NewHubEvent => ({
  ...about(session), kind: 'stage', to: stage, seq, atMs: Math.round(atMs), evidence: evidence(PROVING_WITNESSES.includes(by)), fields: { by },
})
