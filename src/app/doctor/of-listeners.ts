import type { DoctorCheck } from '#api/index.ts'
import { formatBytes } from '#base/bytes.ts'
import type { BoundListener, SyslogConfig } from '#ingest/index.ts'
import { ok, warn } from './verdicts.ts'

export interface ListenerFacts {
  readonly configured: SyslogConfig['listeners']
  readonly bound: readonly BoundListener[]
  /** `syslog.udp_buffer`. */
  readonly askedBufferBytes: number
  /** A DHCP server logs to this hub (`sources` with the role `dhcp`). */
  readonly hasDhcp: boolean
}

const SYSLOG_PORT = 514

/** Sockets: whether they are there, how large the kernel made their buffers, and whether nodes know the port. */
export const examineListeners = (facts: ListenerFacts): readonly DoctorCheck[] => [bindings(facts), buffers(facts), portOfDhcp(facts)]

function bindings({ configured, bound }: ListenerFacts): DoctorCheck {
  const missing = configured.filter(({ name }) => !bound.some((listener) => listener.name === name))
  if (missing.length === 0) return ok('listeners', bound.map(({ name, transport, address, port, isSecure }) => `${name === transport ? '' : `${name} `}${isSecure === true ? `${transport}+tls` : transport} ${transport === 'unix' ? address : port}`).join(', '))
  const [first] = missing
  return warn('listeners', `not bound: ${missing.map(({ name }) => name).join(', ')}`, first!.port === undefined ? `ls -l ${first!.path}` : `ss -lnp 'sport = :${first!.port}'`)
}

/** The kernel doubles what it is asked for and caps the half at net.core.rmem_max (socket(7)). */
function buffers({ bound, askedBufferBytes }: ListenerFacts): DoctorCheck {
  const small = bound.filter(({ receiveBufferBytes }) => receiveBufferBytes !== undefined && receiveBufferBytes < askedBufferBytes)
  if (small.length === 0) return ok('kernel-buffers', 'the kernel gave the receive buffers that were asked for')
  return warn(
    'kernel-buffers',
    `${small.map(({ name }) => name).join(', ')}: ${formatBytes(askedBufferBytes)} asked, ${formatBytes(Math.min(...small.map(({ receiveBufferBytes }) => receiveBufferBytes!)))} given; bursts of datagrams are lost`,
    `echo net.core.rmem_max=${askedBufferBytes} > /etc/sysctl.d/90-hps-hub.conf && sysctl --system && systemctl restart hps-hub`,
  )
}

function portOfDhcp({ bound, hasDhcp }: ListenerFacts): DoctorCheck {
  if (bound.some(({ transport, port }) => transport === 'udp' && port === SYSLOG_PORT)) return ok('port-514', 'nodes that learn the log server by DHCP option 7 find it')
  if (!hasDhcp) return ok('port-514', 'not bound; no DHCP server logs to this hub (sources with the role dhcp)')
  return warn('port-514', 'DHCP option 7 carries no port: nodes that learn the log server by it send to UDP 514, where nobody listens', 'add to syslog.listeners: { name: udp514, transport: udp, port: 514 }, then: systemctl restart hps-hub')
}
