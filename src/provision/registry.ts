import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import type { ProvisionRecords, RegistryNode } from '#store/index.ts'
import { changeNode } from './change-node.ts'
import { checkChange } from './change.ts'
import { importNodes } from './import.ts'
import type { NodeHistoryView, NodesPart, NodeView } from './parts.ts'
import type { Room } from './room.ts'

/** History rows shown of one node. */
const MAX_HISTORY = 500

/** What people ask and change about nodes. Refusals are thrown as `AppFault`s with the sentence for the caller. */
export function createNodes(options: Room): NodesPart {
  const { records, registry, ask } = options
  const find = async (name: string): Promise<RegistryNode> => {
    await ask({ kind: 'flush' })
    const node = registry.findByName(name)
    if (node === undefined) throw new AppFault('not-found', `There is no node "${name}"`)
    return node
  }
  return {
    async list() {
      await ask({ kind: 'flush' })
      return registry.list().map((node) => view(node, records))
    },
    node: async (name) => view(await find(name), records),
    history: async (name) => records.history((await find(name)).id, MAX_HISTORY).map(historyView),
    async set(name, change, actor) {
      const { change: checked, faults } = checkChange(name, change, options.config.profiles)
      if (faults.length > 0) throw new AppFault('bad-request', faults.join('; '), { detail: { faults } })
      const { nodeId } = await changeNode({ name, change: checked, actor }, options)
      return view(registry.findById(nodeId)!, records)
    },
    import: (nodes, actor) => importNodes(nodes, actor, options),
  }
}

function view(node: RegistryNode, records: ProvisionRecords): NodeView {
  const row = records.find(node.id)
  return {
    id: node.id,
    name: node.name,
    registered: node.registered,
    macs: node.macs,
    addresses: node.addresses.map(({ address, kind }) => ({ address, kind })),
    aliases: node.aliases,
    labels: row?.labels ?? {},
    profile: row?.profile ?? null,
    expected_state: row?.expectedState ?? null,
    state: row?.state ?? null,
    state_since: row === undefined ? null : formatUtc(row.sinceMs),
    last_seen: node.lastSeenMs === undefined ? null : formatUtc(node.lastSeenMs),
    session: node.currentSession === undefined ? null : (node.sessionHash ?? `#${node.currentSession}`),
    clock: node.clock === undefined ? null : { offset_ms: node.clock.offsetMs, confirmed: formatUtc(node.clock.confirmedMs) },
  }
}

function historyView(row: ReturnType<ProvisionRecords['history']>[number]): NodeHistoryView {
  return {
    at: formatUtc(row.atMs),
    from: row.from ?? null,
    to: row.to,
    event: row.event,
    evidence: row.evidence,
    actor: row.actor,
    reason: row.reason,
    message_seq: row.messageSeq ?? null,
    session: row.sessionId === undefined ? null : (row.sessionHash ?? `#${row.sessionId}`),
  }
}
