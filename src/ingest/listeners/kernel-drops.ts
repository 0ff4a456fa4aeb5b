import { readFileSync } from 'node:fs'

const TABLES = ['/proc/net/udp', '/proc/net/udp6'] as const

/** Datagrams that the kernel has dropped on a port since its sockets were opened, because the receive buffer was full; undefined where the kernel does not tell. */
export function readKernelDrops(port: number): number | undefined {
  try {
    return TABLES.reduce((sum, path) => sum + dropsIn(readFileSync(path, 'utf8'), port), 0)
  } catch {
    return undefined // not Linux, or no /proc: then the loss cannot be known
  }
}

/** The sum of the last column, `drops`, over the rows of the table whose local port this is (proc_net_udp, kernel net/ipv4/udp.c). */
export function dropsIn(table: string, port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let drops = 0
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    if (columns[1]?.endsWith(suffix) === true) drops += Number(columns.at(-1))
  }
  return drops
}
