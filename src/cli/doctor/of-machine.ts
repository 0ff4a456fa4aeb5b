import { join } from 'node:path'
import type { DoctorCheck } from '#api/index.ts'
import { formatBytes } from '#base/bytes.ts'
import { formatUtc } from '#base/time.ts'
import type { Machine } from './machine.ts'

const ok = (name: string, finding: string): DoctorCheck => ({ name, verdict: 'ok', finding, mend: null })
const warn = (name: string, finding: string, mend: string): DoctorCheck => ({ name, verdict: 'warn', finding, mend })
const fault = (name: string, finding: string, mend: string): DoctorCheck => ({ name, verdict: 'fail', finding, mend })

/** Whether the time of this machine is synchronised; undefined where nothing here says. */
export async function examineClock({ run }: Machine): Promise<DoctorCheck | undefined> {
  const word = (await run('timedatectl', ['show', '--property=NTPSynchronized', '--value']))?.trim()
  const isSynchronised = word === 'yes' || word === 'no' ? word === 'yes' : leapOf(await run('chronyc', ['-c', 'tracking']))
  if (isSynchronised === undefined) return undefined
  return isSynchronised ? ok('clock', 'the time of this machine is synchronised') : warn('clock', 'the time of this machine is not synchronised: every message is stored under a wrong time', 'systemctl enable --now chrony (deploy/chrony/chrony.conf), then: chronyc tracking')
}

/** The last of chronyc's comma separated fields is the leap status. */
function leapOf(tracking: string | undefined): boolean | undefined {
  const leap = tracking?.trim().split(',').at(-1)
  return leap === undefined || leap === '' ? undefined : leap !== 'Not synchronised'
}

/** What the data folder tells when the hub does not: whether a process holds it, how far it came, and whether there is room. */
export function examineData(data: string, machine: Machine): readonly DoctorCheck[] {
  if (machine.list(data) === undefined) return [warn('data', `there is no data folder ${data}, or you may not look into it`, `ls -ld ${data}; say where it is with --data, or run as the user of the hub`)]
  return [holder(data, machine), lastMessage(data, machine), room(data, machine)]
}

/** A hub holds its folder by a lock of the kernel on `hub.lock`, which goes with its process. */
function holder(data: string, { stat, read }: Machine): DoctorCheck {
  const lock = stat(join(data, 'hub.lock'))
  if (lock === undefined) return ok('lock', 'no hub has run on this data folder')
  const locks = read('/proc/locks')
  if (locks === undefined) return ok('lock', 'whether a process holds the data folder cannot be seen here')
  const pid = holderOf(locks, lock.inode)
  if (pid === undefined) return fault('lock', 'no process holds the data folder: the hub has ended', 'journalctl -u hps-hub -n 50; then: systemctl start hps-hub')
  if (isStopped(read(`/proc/${pid}/stat`))) return fault('lock', `process ${pid} holds the data folder, but is stopped (SIGSTOP, or a debugger)`, `kill -CONT ${pid}`)
  return fault('lock', `process ${pid} holds the data folder, but does not answer`, `journalctl -u hps-hub -n 50; then: kill ${pid}`)
}

/** `4711 (node) T 1 …` (proc(5)): the state stands behind the name, which may hold anything. */
const isStopped = (stat: string | undefined): boolean => stat !== undefined && /^[Tt]$/.test(stat.slice(stat.lastIndexOf(')') + 2).charAt(0))

/** `1: POSIX  ADVISORY  WRITE 4711 fe:01:131075 0 EOF` (proc(5)). @returns the process */
export function holderOf(locks: string, inode: number): number | undefined {
  for (const line of locks.split('\n')) {
    const columns = line.trim().split(/\s+/)
    const at = columns.findIndex((column) => /^[0-9a-f]+:[0-9a-f]+:\d+$/.test(column))
    if (at > 0 && Number(columns[at]!.split(':')[2]) === inode) return Number(columns[at - 1])
  }
  return undefined
}

function lastMessage(data: string, { list, stat }: Machine): DoctorCheck {
  const folder = join(data, 'log', 'segments')
  const newest = Math.max(0, ...(list(folder) ?? []).map((name) => stat(join(folder, name))?.modifiedMs ?? 0))
  return newest === 0 ? ok('last-message', 'nothing waits to be sealed') : ok('last-message', `the last message was written at ${formatUtc(newest)}`)
}

const LITTLE_FREE = 0.05

function room(data: string, { space }: Machine): DoctorCheck {
  const found = space(data)
  if (found === undefined) return ok('disk', 'not known')
  const finding = `${formatBytes(found.freeBytes)} of ${formatBytes(found.totalBytes)} free`
  if (found.freeBytes < found.totalBytes * LITTLE_FREE) return (found.freeBytes === 0 ? fault : warn)('disk', finding, `df -h ${data}; then make room`)
  return ok('disk', finding)
}

/** Faults of the configuration keep the hub from starting. */
export function examineConfig(faults: readonly string[]): DoctorCheck {
  if (faults.length === 0) return ok('configuration', 'the configuration is good')
  return fault('configuration', `${faults.length === 1 ? '1 fault' : `${faults.length} faults`}: ${faults[0]!.split('\n')[0]!}`, 'hps check')
}
