import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'

const TABLES = { 4: '/proc/net/udp', 6: '/proc/net/udp6' } as const

interface Place { readonly address: string; readonly port: number }

/** Datagrams that the kernel has dropped at a bound address since its socket was opened, because the receive buffer was full; undefined where the kernel does not tell. */
export function readKernelDrops(place: Place): number | undefined {
  try {
    return dropsIn(readFileSync(TABLES[isIPv6(place.address) ? 6 : 4], 'utf8'), place)
  } catch {
    return undefined // not Linux, or no /proc: then the loss cannot be known
  }
}

/** The sum of the last column, `drops`, over the rows of the table of this local address (proc_net_udp, kernel net/ipv4/udp.c). */
export function dropsIn(table: string, { address, port }: Place): number {
  const local = `${isIPv6(address) ? hexOf6(address) : hexOf4(address)}:${hex(port, 4)}`
  let drops = 0
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    if (columns[1] === local) drops += Number(columns.at(-1))
  }
  return drops
}

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')

/** The kernel prints the words of an address as the machine has them: on a little-endian one the bytes of each are turned round. */
const hexOf4 = (address: string): string => wordOf(address.split('.').map(Number))

function hexOf6(address: string): string {
  // A zone is not in the table, and an IPv4 tail is written as two groups.
  const bare = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1)
  const [head = '', tail] = bare.split('::')
  const groups = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  const all = tail === undefined ? groups(head) : [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)]
  const bytes = all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  return [0, 4, 8, 12].map((at) => wordOf(bytes.slice(at, at + 4))).join('')
}

/** @param bytes four, as they are on the wire */
function wordOf(bytes: readonly number[]): string {
  const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
  return (isLittleEndian ? bytes.toReversed() : bytes).map((byte) => hex(byte, 2)).join('')
}
