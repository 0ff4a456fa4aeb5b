import { AppFault } from '#domain/fault.ts'
import { changeNode } from './change-node.ts'
import { checkChange, type CheckedChange } from './change.ts'
import type { NamedChange } from './parts.ts'
import type { Room } from './room.ts'

const MAX_NODES = 10_000
/** Nodes changed side by side: their writes share transactions. */
const AT_ONCE = 64
/** Faults told at once; the rest is counted. */
const MAX_FAULTS = 50

/**
 * Makes the listed nodes what the list says; nodes that are not listed stay. The whole list is checked before the first
 * change. Doing it twice changes nothing the second time.
 */
export async function importNodes(nodes: readonly NamedChange[], actor: string, options: Room): Promise<{ readonly created: number; readonly changed: number }> {
  if (nodes.length > MAX_NODES) throw new AppFault('too-large', `${nodes.length} nodes in one import, at most ${MAX_NODES} are taken`)
  const checked = nodes.map((node) => ({ name: node.name, ...checkChange(String(node.name), node, options.config.profiles) }))
  const faults = [...checked.flatMap((node) => node.faults), ...doubles(checked)]
  if (faults.length > 0) {
    const more = faults.length > MAX_FAULTS ? ` … and ${faults.length - MAX_FAULTS} more` : ''
    throw new AppFault('bad-request', faults.slice(0, MAX_FAULTS).join('; ') + more, { detail: { faults: faults.slice(0, MAX_FAULTS), count: faults.length } })
  }
  let created = 0
  let changed = 0
  for (let start = 0; start < checked.length; start += AT_ONCE) {
    const group = checked.slice(start, start + AT_ONCE)
    for (const done of await Promise.all(group.map(({ name, change }) => changeNode({ name, change, actor }, options)))) {
      if (done.created) created++
      else if (done.changed) changed++
    }
  }
  options.log.info({ actor, nodes: nodes.length, created, changed }, 'nodes imported')
  return { created, changed }
}

/** Things that two nodes of the list both claim. */
function doubles(nodes: readonly { readonly name: string; readonly change: CheckedChange }[]): string[] {
  const owners = new Map<string, string>()
  const faults: string[] = []
  for (const { name, change } of nodes) {
    for (const claim of [`name ${change.rename ?? name}`, ...(change.macs ?? []), ...(change.addresses ?? []), ...(change.aliases ?? []).map((alias) => `name ${alias}`)]) {
      const owner = owners.get(claim)
      if (owner !== undefined) faults.push(`${name}: ${claim} is in the list already, for ${owner}`)
      owners.set(claim, name)
    }
  }
  return faults
}
