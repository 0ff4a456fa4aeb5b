import { readFileSync } from 'node:fs'

/** Memory of a process in MiB, as the kernel counts it. */
export interface Memory {
  readonly residentMiB: number
  /** The most that was resident at any time. */
  readonly peakMiB: number
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const read = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024
  return { residentMiB: read('VmRSS'), peakMiB: read('VmHWM') }
}

/** CPU seconds of a process so far, user and system (proc(5), fields 14 and 15 of stat; 100 ticks a second). */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

/** How much more the last third of the samples is than the one before it, by their medians: a leak goes on, noise and warming up do not. */
export function growth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3)
  return median(samples.slice(-third)) - median(samples.slice(-2 * third, -third))
}
