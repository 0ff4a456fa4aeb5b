import { NODE_FACTS, type Inventory, type NodeFacts } from '../inventory.ts'
import type { Fields } from './rule.ts'

type Changing = { -readonly [Name in keyof NodeFacts]: NodeFacts[Name] }

/** The nodes and sessions of a test's world: those of its inventory from the start, others as they are named. */
export interface TestNodes extends Inventory {
  /** '' : none, 0. */
  nodeId(name: string): number
  sessionId(name: string): number
  nodeName(id: number): string | undefined
  sessionName(id: number): string | undefined
  /** What is known changes; returns whether it was something else before. */
  change(nodeId: number, facts: Partial<Pick<NodeFacts, 'state' | 'stage' | 'sessionId'>>): boolean
}

export function createTestNodes(inventory: Readonly<Record<string, Fields>>): TestNodes {
  const nodes: Changing[] = []
  const nodeIds = new Map<string, number>()
  const sessions: string[] = []

  function know(name: string, facts: Fields): number {
    const { state = '', profile = '', stage = '' } = facts
    const labels = Object.fromEntries(Object.entries(facts).filter(([key]) => !(NODE_FACTS as readonly string[]).includes(key)))
    nodes.push({ nodeId: nodes.length + 1, name, state, profile, stage, labels, sessionId: 0 })
    nodeIds.set(name, nodes.length)
    return nodes.length
  }
  for (const [name, facts] of Object.entries(inventory)) know(name, facts)

  return {
    facts: (nodeId) => nodes[nodeId - 1],
    all: () => nodes,
    nodeId: (name) => (name === '' ? 0 : (nodeIds.get(name) ?? know(name, {}))),
    sessionId(name) {
      if (name === '') return 0
      const known = sessions.indexOf(name)
      return known < 0 ? sessions.push(name) : known + 1
    },
    nodeName: (id) => nodes[id - 1]?.name,
    sessionName: (id) => sessions[id - 1],
    change(nodeId, facts) {
      const node = nodes[nodeId - 1]
      if (node === undefined) return false
      const isOther = Object.entries(facts).some(([name, value]) => node[name as keyof NodeFacts] !== value)
      Object.assign(node, facts)
      return isOther
    },
  }
}
