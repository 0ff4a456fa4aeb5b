import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a process cost, read from the kernel, so that it is the same for every peer. */
export interface Cost {
  /** User and system time of all threads, since the process started. */
  readonly cpuSeconds: number
  /** Largest resident size so far (VmHWM). */
  readonly peakBytes: number
  /** CPU seconds by thread name: the profile that goes with a figure not reached. */
  readonly threads: Readonly<Record<string, number>>
}

/** Linux reports times in hundredths of a second (USER_HZ, fixed in the ABI). */
const TICKS_PER_SECOND = 100

export function costOf(pid: number): Cost {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const threads: Record<string, number> = {}
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const { name, cpuSeconds } = readStat(`/proc/${pid}/task/${task}/stat`)
    threads[name] = (threads[name] ?? 0) + cpuSeconds
  }
  return {
    cpuSeconds: readStat(`/proc/${pid}/stat`).cpuSeconds,
    peakBytes: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
    threads,
  }
}

/** What was spent between two readings; the peak is the later one's. */
export function costBetween(before: Cost, after: Cost): Cost {
  const threads = Object.fromEntries(Object.entries(after.threads).map(([name, seconds]) => [name, round(seconds - (before.threads[name] ?? 0))]))
  return { cpuSeconds: round(after.cpuSeconds - before.cpuSeconds), peakBytes: after.peakBytes, threads }
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100

/** proc_pid_stat(5): the name is in parentheses and may hold any character; utime and stime are fields 14 and 15. */
function readStat(path: string): { readonly name: string; readonly cpuSeconds: number } {
  const text = readFileSync(path, 'latin1')
  const nameEnd = text.lastIndexOf(')')
  const fields = text.slice(nameEnd + 2).split(' ')
  return { name: text.slice(text.indexOf('(') + 1, nameEnd), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND }
}

/** Bytes of all files below a folder. */
export function folderBytes(folder: string): number {
  let total = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) total += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return total
}

/** Datagrams that the kernel dropped for the sockets bound to a port: the last column of /proc/net/udp and udp6. */
export function kernelDrops(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = ['/proc/net/udp', '/proc/net/udp6'].flatMap((path) => readFileSync(path, 'latin1').split('\n'))
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix))
    .reduce((sum, fields) => sum + Number(fields.at(-1)), 0)
}

/** Resident size of a process now, and the part of it that is in no file. */
export function residentBytes(pid: number): { readonly residentBytes: number; readonly anonymousBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytesOf = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024
  return { residentBytes: bytesOf('VmRSS'), anonymousBytes: bytesOf('RssAnon') }
}

/** Slope of the straight line that lies closest to the points (least squares). */
export function slopePerSecond(points: readonly (readonly [seconds: number, value: number])[]): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const spread = points.reduce((sum, [seconds]) => sum + (seconds - x) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, [seconds, value]) => sum + (seconds - x) * (value - y), 0) / spread
}
