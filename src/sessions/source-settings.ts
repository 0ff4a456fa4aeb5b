import { createIpSet } from '#base/ip.ts'
import { parseTimeZone, type TimeZone } from '#base/time-zone.ts'
import type { SourceRole } from '#domain/source.ts'
import type { SourcesConfig } from './config.ts'

/** What the configuration says about a sender, by its address. */
export interface SourceSettings {
  /** A sender in several entries has the roles of all of them. */
  roles(address: string, transport: string): readonly SourceRole[]
  /** Of the first entry that names one; undefined: none does. */
  zone(address: string): TimeZone | undefined
}

export function createSourceSettings(config: SourcesConfig): SourceSettings {
  const zones = new Map<string, TimeZone | undefined>()
  const entries = config.map(({ address, roles, zone }) => {
    const set = createIpSet()
    set.add(address)
    if (zone !== undefined && !zones.has(zone)) zones.set(zone, parseTimeZone(zone))
    return { set, roles, zone: zone === undefined ? undefined : zones.get(zone) }
  })
  return {
    roles(address, transport) {
      if (transport === 'internal') return ['hub']
      const found = entries.filter(({ set }) => set.has(address)).flatMap(({ roles }) => roles)
      return found.length === 0 ? ['node'] : [...new Set(found)]
    },
    zone: (address) => entries.find(({ set, zone }) => zone !== undefined && set.has(address))?.zone,
  }
}
