import type { HubEvent } from '#domain/hub-event.ts'
import { stageOrder } from '#domain/stages.ts'
import type { NodeFactsRow, PastFacts } from '#store/index.ts'
import type { Inventory, NodeFacts } from '../inventory.ts'

/** Nodes as they were at a moment of the past, moved on by the hub events that follow. */
export interface ReplayInventory extends Inventory {
  /** A state, stage or session of a node changed. @returns whether that was new */
  note(event: HubEvent): boolean
}

/**
 * Names, labels and profiles are those of today: nobody wrote down what they were. State, session and stage are those of then, as
 * far as hub events are kept; else those of today.
 */
export function createReplayInventory(rows: Iterable<NodeFactsRow>, past: PastFacts): ReplayInventory {
  const nodes = new Map<number, NodeFacts>()
  for (const { id, name, state, profile, labels, session, stage } of rows) {
    // a session that began later was not there yet
    const now = past.startedSince.has(id) ? { sessionId: 0, stage: '' } : { sessionId: session, stage }
    const then = past.sessions.get(id)
    nodes.set(id, { nodeId: id, name, profile, labels: JSON.parse(labels) as Record<string, string>, state: past.states.get(id) ?? state, ...now, ...(then === undefined ? {} : stageOf(then, past.stages.get(id))) })
  }

  function change(facts: NodeFacts, changed: Partial<NodeFacts>): boolean {
    nodes.set(facts.nodeId, { ...facts, ...changed })
    return true
  }

  return {
    facts: (nodeId) => nodes.get(nodeId),
    all: () => nodes.values(),
    note({ kind, to, nodeId, sessionId }) {
      const facts = nodes.get(nodeId)
      if (facts === undefined) return false
      if (kind === 'state') return facts.state !== to && change(facts, { state: to })
      if (kind === 'session' && to === 'start') return sessionId !== facts.sessionId && change(facts, { sessionId, stage: '' })
      if (kind === 'stage' && sessionId === facts.sessionId) return stageOrder(to) > stageOrder(facts.stage) && change(facts, { stage: to })
      return false
    },
  }
}

const stageOf = (sessionId: number, seen: { readonly sessionId: number; readonly stage: string } | undefined): Pick<NodeFacts, 'sessionId' | 'stage'> =>
  ({ sessionId, stage: seen?.sessionId === sessionId ? seen.stage : '' })
