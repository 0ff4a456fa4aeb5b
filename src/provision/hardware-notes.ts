import type { Logger } from '#telemetry/index.ts'
import type { ProvisionRecords, RegistryRecords } from '#store/index.ts'
import type { HardwareIds } from './hardware.ts'
import type { Identity } from './identify.ts'
import type { CountProvision } from './metrics.ts'

/** The ids to write down for this node, or undefined when there is nothing new. What was seen first stays; another value is a contradiction, logged and counted. */
export function noteHardware(
  { hardware, evidence }: Pick<Identity, 'hardware' | 'evidence'>,
  node: { readonly id: number; readonly name: string },
  { records, log, count }: { readonly records: Pick<ProvisionRecords, 'find'>; readonly log: Logger; readonly count: CountProvision },
): HardwareIds | undefined {
  const before = records.find(node.id)
  const contradicts = (['uuid', 'serial'] as const).filter((id) => before?.[id] !== undefined && hardware[id] !== undefined && before[id] !== hardware[id])
  if (contradicts.length > 0) {
    count.contradiction('hardware')
    log.warn({ node: node.name, contradicts: contradicts.join(','), seen: hardware, known: { uuid: before?.uuid, serial: before?.serial } }, 'a node boots with other hardware than before')
  }
  const merged = { uuid: before?.uuid ?? hardware.uuid, serial: before?.serial ?? hardware.serial }
  const isNew = merged.uuid !== before?.uuid || merged.serial !== before?.serial
  return isNew && evidence !== 'C' ? merged : undefined
}

/** The name of the one node that booted with this hardware before: a hint for people, never an identification. */
export function twinOf(hardware: HardwareIds, { records, registry }: { readonly records: Pick<ProvisionRecords, 'nodesWithHardware'>; readonly registry: Pick<RegistryRecords, 'findById'> }): string | undefined {
  if (hardware.uuid === undefined && hardware.serial === undefined) return undefined
  const nodes = records.nodesWithHardware(hardware)
  return nodes.length === 1 ? registry.findById(nodes[0]!)?.name : undefined
}
