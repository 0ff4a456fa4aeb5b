import type { HubEvent } from '#domain/hub-event.ts'
import { stageOrder } from '#domain/stages.ts'
import { createNodeFactsRecords, type HubDatabase, type NodeFactsRow } from '#store/index.ts'
import type { Inventory, NodeFacts } from '../inventory.ts'

/** What is known about all nodes, read from hub.db and kept up by hub events until it is read again. */
export interface InventorySnapshot extends Inventory {
  /** Reads what there is now. @returns whether anything is another than before */
  refresh(): boolean
  /** A state, stage or session of a node changed: known before the tables are read again. @returns whether that was new */
  note(event: HubEvent): boolean
}

interface Known { facts: NodeFacts; labels: string }

/** Costs one query over all nodes at each `refresh`; facts that did not change keep their object. */
export function createInventorySnapshot(db: HubDatabase): InventorySnapshot {
  const records = createNodeFactsRecords(db)
  const nodes = new Map<number, Known>()

  /** The tables may lag behind the events: of the same session the furthest stage stays, and a newer session stays. */
  function ahead(row: NodeFactsRow, known: NodeFacts | undefined): Pick<NodeFacts, 'sessionId' | 'stage'> {
    if (known === undefined || known.sessionId < row.session) return { sessionId: row.session, stage: row.stage }
    const { sessionId, stage } = known
    return sessionId > row.session || stageOrder(stage) > stageOrder(row.stage) ? { sessionId, stage } : { sessionId: row.session, stage: row.stage }
  }

  /** @returns whether it is another than before */
  function keep(row: NodeFactsRow): boolean {
    const known = nodes.get(row.id)
    const { sessionId, stage } = ahead(row, known?.facts)
    if (known !== undefined && isSame(known, row) && known.facts.sessionId === sessionId && known.facts.stage === stage) return false
    const labels = known?.labels === row.labels ? known.facts.labels : (JSON.parse(row.labels) as Record<string, string>)
    nodes.set(row.id, { labels: row.labels, facts: { nodeId: row.id, name: row.name, state: row.state, profile: row.profile, labels, sessionId, stage } })
    return true
  }

  function change(known: Known, changed: Partial<NodeFacts>): boolean {
    known.facts = { ...known.facts, ...changed }
    return true
  }

  return {
    facts: (nodeId) => nodes.get(nodeId)?.facts,
    *all() {
      for (const { facts } of nodes.values()) yield facts
    },
    refresh() {
      const gone = new Set(nodes.keys())
      let isOther = false
      for (const row of records.all()) {
        gone.delete(row.id)
        if (keep(row)) isOther = true
      }
      for (const id of gone) nodes.delete(id)
      return isOther || gone.size > 0
    },
    note({ kind, to, nodeId, sessionId }) {
      const known = nodes.get(nodeId)
      if (known === undefined) return false
      const { facts } = known
      if (kind === 'state') return facts.state !== to && change(known, { state: to })
      if (kind === 'session' && to === 'start') return sessionId > facts.sessionId && change(known, { sessionId, stage: '' })
      if (kind === 'stage' && sessionId === facts.sessionId) return stageOrder(to) > stageOrder(facts.stage) && change(known, { stage: to })
      return false
    },
  }
}

const isSame = ({ facts, labels }: Known, row: NodeFactsRow): boolean => facts.name === row.name && facts.state === row.state && facts.profile === row.profile && labels === row.labels
