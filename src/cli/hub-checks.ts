import { resolve } from 'node:path'
import type { HubConfig } from '#app/config.ts'
import { parseBytes } from '#base/bytes.ts'
import { parseDurationMs } from '#base/duration.ts'
import { canonicalIp, createIpSet } from '#base/ip.ts'
import { parseTimeZone } from '#base/time-zone.ts'
import type { LeafCheck, WholeCheck } from '#config/index.ts'
import { tagFault } from '#ingest/index.ts'
import { ARGUMENT_NAMES } from '#provision/index.ts'
import { createRenderer, TemplateFault } from '#render/index.ts'
import { parseQuery } from '#store/index.ts'

/** What the schema cannot say about the hub's configuration. */
const MAX_FRAME_BYTES = 65_536

const duration = (value: unknown): string | undefined =>
  typeof value === 'string' && (parseDurationMs(value) ?? 0) > 0 ? undefined : 'must be a duration above zero like 90s, 10m, 1h30m or 30d'
const size = (value: unknown): string | undefined => (typeof value === 'string' && (parseBytes(value) ?? 0) > 0 ? undefined : 'must be a size above zero like 512B, 64KiB, 4MiB or 2GiB')
const maxSize = (value: unknown): string | undefined => (value === 'auto' || value === 'none' || size(value) === undefined ? undefined : 'must be `auto`, `none`, or a size above zero like 512MiB or 20GiB')
const minFree = (value: unknown): string | undefined => (value === 'auto' || (typeof value === 'string' && parseBytes(value) !== undefined) ? undefined : 'must be `auto` or a size like 0B, 512MiB or 2GiB')
const frame = (value: unknown): string | undefined => size(value) ?? (parseBytes(String(value))! > MAX_FRAME_BYTES ? 'must be at most 64KiB' : undefined)
const address = (value: unknown): string | undefined => (typeof value === 'string' && canonicalIp(value) !== undefined ? undefined : 'must be an IPv4 or IPv6 address')
const network = (value: unknown): string | undefined => (typeof value === 'string' && createIpSet().add(value) ? undefined : 'must be an address or a network like 10.0.0.0/8 or fc00::/7')
const zone = (value: unknown): string | undefined => (typeof value === 'string' && parseTimeZone(value) !== undefined ? undefined : 'must be a zone like Europe/Berlin, +02:00 or UTC')
const unlessNone = (check: (value: unknown) => string | undefined) => (value: unknown): string | undefined => {
  const fault = value === 'none' ? undefined : check(value)
  return fault?.replace('must be', 'must be `none` or')
}
const query = (value: unknown): string | undefined => {
  const parsed = parseQuery(String(value), { nowMs: Date.now() })
  return parsed.ok ? undefined : `must be a search: ${parsed.faults.map(({ column, message }) => `column ${column}: ${message}`).join('; ')}`
}
const url = (value: unknown): string | undefined => (typeof value === 'string' && URL.canParse(value) ? undefined : 'must be a URL')

export const HUB_LEAF_CHECKS: readonly LeafCheck[] = [
  { path: ['syslog', 'listeners', '*', 'address'], check: address },
  { path: ['syslog', 'max_frame'], check: frame },
  { path: ['syslog', 'udp_buffer'], check: size },
  { path: ['syslog', 'idle_timeout'], check: duration },
  { path: ['sources', '*', 'address'], check: network },
  { path: ['sources', '*', 'zone'], check: zone },
  { path: ['sessions', 'quiet_after'], check: duration },
  { path: ['sessions', 'silence', 'min'], check: duration },
  { path: ['sessions', 'silence', 'learn'], check: duration },
  { path: ['sessions', 'silence', 'boot'], check: duration },
  { path: ['store', 'retention'], check: duration },
  { path: ['store', 'max_size'], check: maxSize },
  { path: ['store', 'min_free'], check: minFree },
  { path: ['store', 'segment_size'], check: size },
  { path: ['store', 'seal_after'], check: duration },
  { path: ['store', 'search_deadline'], check: duration },
  { path: ['sinks', '*', 'query'], check: query },
  { path: ['sinks', '*', 'rotate', 'size'], check: unlessNone(size) },
  { path: ['sinks', '*', 'rotate', 'age'], check: unlessNone(duration) },
  { path: ['boot', 'allow_from', '*'], check: network },
  { path: ['http', 'address'], check: address },
  { path: ['http', 'public_url'], check: url },
  { path: ['http', 'max_body'], check: size },
]

/** Two listeners of one name, or two that claim one port of one protocol on addresses that overlap (`::` and `0.0.0.0` are all). */
export const listenersDoNotClash: WholeCheck<HubConfig> = ({ syslog, http }) => {
  const claims = [
    ...syslog.listeners.map((listener, index) => ({ ...listener, title: `syslog listener ${listener.name}`, path: ['syslog', 'listeners', index] as (string | number)[] })),
    { name: '', transport: 'tcp', address: http.address, port: http.port, title: 'http', path: ['http'] as (string | number)[] },
  ]
  return claims.flatMap((claim, index) => {
    const before = claims.slice(0, index)
    const sameName = before.find((other) => other.name !== '' && other.name === claim.name)
    if (sameName !== undefined) return [{ path: [...claim.path, 'name'], message: `two listeners are named ${claim.name}`, hint: 'names are labels in metrics: give each its own' }]
    const samePort = before.find((other) => claim.port !== undefined && claim.port !== 0 && other.port === claim.port && protocolOf(other) === protocolOf(claim) && overlap(other.address, claim.address))
    if (samePort === undefined) return []
    return [{ path: [...claim.path, 'port'], message: `${claim.title} claims ${protocolOf(claim)} port ${claim.port}, which ${samePort.title} has already` }]
  })
}

/** RELP goes over TCP. */
const protocolOf = ({ transport }: { readonly transport: string }): string => (transport === 'relp' ? 'tcp' : transport)

/** A unix socket has a path and nothing else; everything else has a port. TLS goes over TCP, and clients are verified by an authority that somebody named. */
export const listenersAreWhole: WholeCheck<HubConfig> = ({ syslog }) =>
  syslog.listeners.flatMap((listener, index) => {
    const { name, transport, port, path, mode, tls } = listener
    const fault = (key: string, message: string, hint: string) => [{ path: ['syslog', 'listeners', index, ...(key === '' ? [] : [key])], message: `syslog listener ${name} ${message}`, hint }]
    if (transport === 'unix' && path === undefined) return fault('', 'has no `path`', 'path: /run/hps/log.sock')
    if (transport === 'unix' && port !== undefined) return fault('port', 'is a unix socket and has no port', 'leave it out')
    if (transport !== 'unix' && port === undefined) return fault('', 'has no `port`', 'port: 514')
    if (transport !== 'unix' && (path ?? mode) !== undefined) return fault(path === undefined ? 'mode' : 'path', 'is no unix socket', 'transport: unix')
    if (tls === undefined) return []
    if (transport !== 'tcp' && transport !== 'relp') return fault('tls', 'cannot speak TLS', 'transport: tcp, or relp')
    if (tls.clients !== 'none' && tls.client_ca_file === undefined) return fault('tls', `asks for client certificates (clients: ${tls.clients}), but nobody says from whom`, 'client_ca_file: the certificate of your authority')
    return []
  })

/** Two sinks of one name would share a position, two of one path a file. */
export const sinksDoNotClash: WholeCheck<HubConfig> = ({ sinks, data }) =>
  sinks.flatMap((sink, index) => {
    const before = sinks.slice(0, index)
    return (['name', 'path'] as const).flatMap((key) => {
      const given = sink[key]
      const isTaken = given !== undefined && before.some((other) => (key === 'name' ? other.name === given : other.path !== undefined && resolve(data, other.path) === resolve(data, given)))
      return isTaken ? [{ path: ['sinks', index, key], message: `two sinks have the ${key} ${given}`, hint: 'give each its own' }] : []
    })
  })

/** What a sink of each kind needs, and an example of it. */
const SINK_NEEDS = { file: { path: 'path: /var/log/hps.log' }, forward: { transport: 'transport: relp', host: 'host: logs.example.org', port: 'port: 2514' } } as const

/** A sink of kind `file` has a path, one of kind `forward` a server; neither has what belongs to the other, and a certificate has its key. */
export const sinksAreWhole: WholeCheck<HubConfig> = ({ sinks }) =>
  sinks.flatMap((sink, index) => {
    const { name, kind, tls } = sink
    const fault = (keys: readonly string[], message: string, hint: string) => [{ path: ['sinks', index, ...keys], message: `the sink ${name} ${message}`, hint }]
    for (const [key, hint] of Object.entries(SINK_NEEDS[kind])) if (sink[key as 'path'] === undefined) return fault([], `has no \`${key}\``, hint)
    const strange = Object.keys(kind === 'file' ? { ...SINK_NEEDS.forward, tls } : SINK_NEEDS.file).find((key) => sink[key as 'path'] !== undefined)
    if (strange !== undefined) return fault([strange], `is of kind ${kind} and has no \`${strange}\``, `kind: ${kind === 'file' ? 'forward' : 'file'}, or leave it out`)
    if (tls === undefined || (tls.certificate_file === undefined) === (tls.key_file === undefined)) return []
    const [has, lacks] = tls.key_file === undefined ? ['certificate_file', 'key_file'] : ['key_file', 'certificate_file']
    return fault(['tls', has], `has a \`${has}\`, but no \`${lacks}\``, 'a certificate and its key go together')
  })

/** A kernel sends its console in datagrams. */
export const consolesAreDatagrams: WholeCheck<HubConfig> = ({ syslog }) =>
  syslog.listeners.flatMap(({ name, form, transport }, index) => {
    if (form !== 'netconsole' || transport === 'udp') return []
    return [{ path: ['syslog', 'listeners', index, 'form'], message: `syslog listener ${name} is for netconsole, which comes by UDP only`, hint: 'transport: udp' }]
  })

/** An entry of `syslog.tags` that could never give a name, or that would give one of the hub's own. */
export const tagsCanBeGiven: WholeCheck<HubConfig> = ({ syslog }) =>
  syslog.tags.flatMap((tag, index) => {
    const fault = tagFault(tag)
    return fault === undefined ? [] : [{ path: ['syslog', 'tags', index], message: `syslog.tags[${index}]: ${fault}`, hint: 'hps sources tag writes entries that work' }]
  })

const EVERYTHING = ['::', '0.0.0.0']
const overlap = (a: string, b: string): boolean => EVERYTHING.includes(a) || EVERYTHING.includes(b) || canonicalIp(a) === canonicalIp(b)

/** A node that boots from the network needs a kernel to fetch. */
export const profilesCanBoot: WholeCheck<HubConfig> = ({ boot }) =>
  Object.entries(boot.profiles)
    .filter(([, profile]) => profile.boot !== 'disk' && profile.kernel === undefined)
    .map(([name, profile]) => ({ path: ['boot', 'profiles', name], message: `boot.profiles.${name} lacks \`kernel\``, hint: `boot: ${profile.boot} fetches one` }))

/** Kernel arguments are a template: one that cannot be read, or that asks for what no machine has, is told before a machine asks. */
export const argumentsCanBeRendered: WholeCheck<HubConfig> = ({ boot }) => {
  const renderer = createRenderer()
  return Object.entries(boot.profiles).flatMap(([name, { args = '' }]) => {
    const path = ['boot', 'profiles', name, 'args']
    try {
      const strange = renderer.names({ source: args, medium: 'kernel-args', name: 'args' }).find((asked) => !(ARGUMENT_NAMES as readonly string[]).includes(asked.name))
      return strange === undefined ? [] : [{ path, message: `boot.profiles.${name}.args: there is no value \`${strange.name}\``, hint: `there are: ${ARGUMENT_NAMES.join(', ')}` }]
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      return [{ path, message: `boot.profiles.${name}.args: ${error.at.message}`, hint: error.at.hint }]
    }
  })
}

/** A user without a password, or the other way round, is a forgotten line. */
export const secretsAreWhole: WholeCheck<HubConfig> = ({ mail }) => {
  if ((mail.user === undefined) === (mail.password_file === undefined)) return []
  const [has, lacks] = mail.user === undefined ? ['password_file', 'user'] : ['user', 'password_file']
  return [{ path: ['mail', has], message: `mail.${has} is given, but mail.${lacks} is not` }]
}
