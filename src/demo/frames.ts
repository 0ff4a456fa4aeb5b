import type { Dialect, DemoNode } from './fleet.ts'
import type { Line } from './line.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const two = (value: number): string => String(value).padStart(2, '0')

/** `Nov  2 15:04:05` in local time, as a node's syslog daemon has it (RFC 3164 section 4.1.2). */
function bsdTime(ms: number): string {
  const at = new Date(ms)
  return `${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2, ' ')} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

const tag = ({ app, pid }: Line): string => (pid === undefined ? app : `${app}[${pid}]`)

/** A line as the bytes that its sender puts on the wire: a datagram, or a frame of a stream. */
export function frame(host: string, line: Line, { dialect, nowMs }: { readonly dialect: Dialect; readonly nowMs: number }): string {
  const priority = `<${line.facility * 8 + line.severity}>`
  switch (dialect) {
    // busybox syslogd -R sends no host name
    case 'busybox-udp':
      return `${priority}${bsdTime(nowMs)} ${tag(line)}: ${line.text}`
    case 'rsyslog-udp':
      return `${priority}${bsdTime(nowMs)} ${host} ${tag(line)}: ${line.text}`
    case 'newline-tcp':
      return `${priority}${bsdTime(nowMs)} ${host} ${tag(line)}: ${line.text}\n`
    case 'rfc5424-udp':
      return modern(host, line, nowMs)
    case 'octet-counted-tcp': {
      const text = modern(host, line, nowMs)
      return `${Buffer.byteLength(text)} ${text}`
    }
  }
}

const modern = (host: string, line: Line, nowMs: number): string =>
  `<${line.facility * 8 + line.severity}>1 ${new Date(nowMs).toISOString()} ${host} ${line.app} ${line.pid ?? '-'} - ${line.data ?? '-'} ${line.text}`

/** iPXE's syslog console: priority and host name only, no time. */
export const ipxeFrame = ({ name }: DemoNode, text: string): string => `<6>${name} ipxe: ${text}`
