import { readFileSync } from 'node:fs'

/** Connections that the kernel could not hold for a program that listens, of all programs of this network namespace since it began; undefined where the kernel does not tell. */
export function readAcceptOverflows(): number | undefined {
  try {
    return acceptOverflowsIn(readFileSync('/proc/net/netstat', 'utf8'))
  } catch {
    return undefined // not Linux, or no /proc
  }
}

/** `ListenOverflows` of a table in which each line of names is followed by one of values (proc_pid_net, kernel net/ipv4/proc.c). */
export function acceptOverflowsIn(table: string): number | undefined {
  const [names = [], values = []] = table.split('\n').filter((line) => line.startsWith('TcpExt:')).map((line) => line.split(' '))
  const value = values[names.indexOf('ListenOverflows')]
  return value === undefined ? undefined : Number(value)
}
