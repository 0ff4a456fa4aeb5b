import { canonicalIp } from '#base/ip.ts'
import { parseMac } from '#base/mac.ts'
import type { EvidenceClass } from '#domain/lifecycle.ts'
import type { RegistryRecords } from '#store/index.ts'
import type { BootConfig } from './config.ts'
import { parseSerial, parseUuid, type HardwareIds } from './hardware.ts'
import type { BootFacts } from './parts.ts'
import type { Because } from './reasons.ts'
import type { AskWriter } from './writer.ts'

/** Who asks. `nodeId` undefined: a machine that the hub does not know. `lease`: what our DHCP says about the claim. */
export interface Identity {
  readonly mac: string
  readonly address: string
  readonly nodeId: number | undefined
  readonly hardware: HardwareIds
  readonly evidence: Extract<EvidenceClass, 'B' | 'C'>
  readonly lease: LeaseVerdict
}
const LEASE_VERDICTS = ['leased', 'registered', 'none', 'contradicts'] as const
type LeaseVerdict = (typeof LEASE_VERDICTS)[number]

export interface IdentifyOptions {
  readonly ask: AskWriter
  readonly registry: Pick<RegistryRecords, 'registeredOwner' | 'findById'>
  readonly lease: BootConfig['lease']
}

/**
 * The MAC decides; it is believed when our DHCP leased the caller's address to it, or the address is registered for its node.
 * Without a MAC the lease of the address gives it. UUID and serial only add; firmware repeats them too freely to decide by.
 */
export async function identify(facts: BootFacts, { ask, registry, lease }: IdentifyOptions): Promise<Identity | Because> {
  const address = canonicalIp(facts.address) ?? facts.address
  const claimed = facts.mac === undefined || facts.mac === '' ? undefined : parseMac(facts.mac)
  if (claimed === undefined && facts.mac) return { reason: 'bad-mac', why: `"${facts.mac.slice(0, 40)}" is not a MAC address` }
  const answer = await ask({ kind: 'identify', address, ...(claimed === undefined ? {} : { mac: claimed }) })
  if (!answer.ok) return { reason: 'busy', why: `the hub could not look this machine up: ${answer.reason}` }
  const mac = claimed ?? answer.leaseMac
  if (mac === undefined) return { reason: 'no-mac', why: `no MAC was given, and ${address} is not leased by our DHCP` }

  // A node that was written down by its address alone is whoever boots there; one with MACs is not.
  const isByAddress = answer.by === 'registered-address' && answer.nodeId !== undefined && registry.findById(answer.nodeId)?.macs.length === 0
  const nodeId = claimed === undefined || answer.by === 'mac' || isByAddress ? answer.nodeId : undefined
  const verdict = leaseVerdict({ mac, nodeId, leaseMac: answer.leaseMac, owner: registry.registeredOwner(address) })
  if (lease === 'require' && verdict === 'none') {
    return { reason: 'no-lease', why: `our DHCP has not been seen to lease ${address} to ${mac} (boot.lease is "require"; is its log sent here?)` }
  }
  if (lease === 'require' && verdict === 'contradicts') {
    return { reason: 'lease-contradicts', why: `${address} belongs to another machine than ${mac}` }
  }
  const hardware = { uuid: parseUuid(facts.uuid), serial: parseSerial(facts.serial) }
  return { mac, address, nodeId, hardware, lease: verdict, evidence: verdict === 'contradicts' ? 'C' : 'B' }
}

/** A lease or a registration of the address settles it either way; with neither there is nothing to contradict. */
function leaseVerdict({ mac, nodeId, leaseMac, owner }: { readonly mac: string; readonly nodeId: number | undefined; readonly leaseMac: string | undefined; readonly owner: number | undefined }): LeaseVerdict {
  if (leaseMac === mac) return 'leased'
  if (owner !== undefined && owner === nodeId) return 'registered'
  return leaseMac === undefined && owner === undefined ? 'none' : 'contradicts'
}
