import type { FastifyRequest } from 'fastify'
import { parseMac } from '#base/mac.ts'
import { addressOf, hubUrlOf } from './caller.ts'
import type { BootFacts } from './parts.ts'
import { parseBootQuery, rawQueryOf } from './query-string.ts'

/** Longest fact kept: SMBIOS strings are shorter. */
const MAX_FACT_LENGTH = 128

/** Words of the boot query, and the names people and iPXE's settings have for them. */
const FACT_NAMES: Readonly<Record<'mac' | 'uuid' | 'serial' | 'arch' | 'platform', readonly string[]>> = {
  mac: ['mac', 'net0/mac', 'net0mac'],
  uuid: ['uuid'],
  serial: ['serial'],
  arch: ['arch', 'buildarch'],
  platform: ['platform', 'plat'],
}
/** Other words that end a value before them. */
const OTHER_NAMES = ['format', 's', 'session', 'k', 'ver', 'version', 'asset', 'mfr', 'manufacturer', 'prod', 'product', 'bserial', 'board-serial', 'hostname', 'host', 'dmesg', 'via', 'stage', 'level', 'f', 'function', 'text']
export const BOOT_NAMES: ReadonlySet<string> = new Set([...Object.values(FACT_NAMES).flat(), ...OTHER_NAMES])

/** What the caller says of itself: the form it posted, then the query. A MAC that is none is absent. */
export function bootFactsOf(request: FastifyRequest, publicUrl: string | undefined): BootFacts {
  const said = { ...parseBootQuery(rawQueryOf(request.url), BOOT_NAMES), ...postedFacts(request.body) }
  const fact = (name: keyof typeof FACT_NAMES) => FACT_NAMES[name].map((alias) => said[alias]?.trim().slice(0, MAX_FACT_LENGTH)).find((value) => value !== undefined && value !== '')
  const mac = parseMac(fact('mac') ?? '')
  return {
    address: addressOf(request),
    mac,
    uuid: fact('uuid')?.toLowerCase(),
    serial: fact('serial'),
    arch: fact('arch'),
    platform: fact('platform'),
    userAgent: request.headers['user-agent']?.slice(0, MAX_FACT_LENGTH) ?? '',
    hubUrl: hubUrlOf(request, publicUrl),
  }
}

/** A form arrives parsed already; a JSON body may hold anything, so only its texts are taken. */
function postedFacts(body: unknown): Record<string, string> {
  if (typeof body !== 'object' || body === null) return {}
  return Object.fromEntries(Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '' && BOOT_NAMES.has(entry[0])))
}
