import { canonicalIp } from '#base/ip.ts'
import type { Batch } from '#domain/batch.ts'
import { MAPPED_APP } from '#domain/raw-length.ts'
import type { Speaker } from './sources.ts'

/** What a server of boot files says in a line: to whom, which file, whether it went out; an access line also who asked. */
export interface FileLine {
  readonly address: string | undefined
  /** `` when the line names none. */
  readonly file: string
  readonly isSent: boolean
  readonly agent: string
}

const ADDRESS = '([0-9a-fA-F:.]+)'
/**
 * TFTP. dnsmasq: `sent F to A`, `file F not found for A`, `failed sending F to A`, `error 8 … received from A`. tftpd-hpa:
 * `RRQ from A filename F`, `sending NAK (1, File not found) to A`. atftpd: `Serving F to A:2070`. FreeBSD: `A: read request for F: success`.
 */
const TFTP: readonly { readonly form: RegExp; readonly address: number; readonly file: number; readonly isSent: boolean }[] = [
  { form: new RegExp(String.raw`^sent (.+) to ${ADDRESS}$`), address: 2, file: 1, isSent: true },
  { form: new RegExp(String.raw`^RRQ from ${ADDRESS} filename (.+?)(?: remapped to .*)?$`), address: 1, file: 2, isSent: true },
  { form: new RegExp(String.raw`^Serving (.+) to ([0-9.]+|[0-9a-fA-F:.]+?):\d+$`), address: 2, file: 1, isSent: true },
  { form: new RegExp(String.raw`^${ADDRESS}: read request for (.+): success$`), address: 1, file: 2, isSent: true },
  { form: new RegExp(String.raw`(?: to| for| from) ${ADDRESS}$`), address: 1, file: 0, isSent: false },
]

export function parseTftpLine(text: string): FileLine {
  const line = text.trimEnd()
  for (const { form, address, file, isSent } of TFTP) {
    const match = form.exec(line)
    if (match !== null) return { address: canonicalIp(match[address]!), file: file === 0 ? '' : match[file]!, isSent, agent: '' }
  }
  return NOTHING
}

/** The access line that nginx and Apache write by default (`combined`, with or without the name of the virtual host before). */
const ACCESS = new RegExp(String.raw`^(?:[\w.-]+:\d+ )?${ADDRESS} \S+ .*?\[[^\]]*\] "GET (\S+) HTTP/[\d.]+" (\d{3}) \S+(?: "[^"]*" "([^"]*)")?`)

export function parseAccessLine(text: string): FileLine {
  const [, address, file, status, agent] = ACCESS.exec(text) ?? []
  if (address === undefined) return NOTHING
  return { address: canonicalIp(address), file: file!, isSent: /^(?:2|304)/.test(status!), agent: agent ?? '' }
}

const NOTHING: FileLine = { address: undefined, file: '', isSent: false, agent: '' }

/** Programs that fetch before there is an operating system say who they are. */
export const isBootAgent = (agent: string): boolean => /^(?:iPXE|UefiHttpBoot|GRUB|GNU GRUB|Etherboot)\b/.test(agent)

/** iPXE says `http://10.0.0.1/boot/vmlinuz... ok` once it has a file; while it loads, the dots grow. */
const IPXE_FETCHED = /^(?:[a-z]+:\/\/\S*?|\S*?)\.{3,} ok$/
export const ipxeFetched = (text: string): string | undefined => (IPXE_FETCHED.test(text.trimEnd()) ? text.trimEnd().replace(/\.{3,} ok$/, '') : undefined)

const WEB_SERVERS: readonly Buffer[] = ['nginx', 'httpd', 'apache', 'apache2', 'lighttpd', 'caddy'].map((name) => Buffer.from(name))

/** An access line of a web server that may speak about who asked it: one on a host with the role `dhcp` or `hub`. Anybody's web server behind a relay may not, nor a name that a mapping gave. */
export const isAccessRow = (speaker: Pick<Speaker, 'isFileServer'>, batch: Batch, row: number): boolean => speaker.isFileServer && (batch.faults[row]! & MAPPED_APP) === 0 && isWebServer(batch, row)

/** The row's APP-NAME is that of a web server. */
function isWebServer({ bytes, frameStart, appOff, appLen }: Batch, row: number): boolean {
  const length = appLen[row]!
  if (length < 5 || length > 8) return false
  const start = frameStart[row]! + appOff[row]!
  for (const name of WEB_SERVERS) if (name.length === length && name.every((byte, at) => bytes[start + at] === byte)) return true
  return false
}
