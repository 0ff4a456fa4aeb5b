import type { DoctorCheck } from '#api/index.ts'
import { API_BOUNDS } from '#api/index.ts'
import { ok, warn } from './verdicts.ts'

/** Files of the store, databases, pipes: besides connections. */
const OTHER_FILES = 512

/** The soft limit of open files in `/proc/self/limits`; undefined where that cannot be read, Infinity for none. */
export function openFilesLimit(limits: string): number | undefined {
  const text = /^Max open files\s+(\S+)/m.exec(limits)?.[1]
  return text === undefined ? undefined : text === 'unlimited' ? Infinity : Number(text)
}

/** Whether all the connections that the settings allow can be open at once. */
export function examineFiles(limit: number | undefined, maxConnections: number): DoctorCheck {
  const needed = maxConnections + API_BOUNDS.connections + OTHER_FILES
  if (limit === undefined) return ok('open-files', 'the limit of open files is not known here')
  if (limit >= needed) return ok('open-files', `${limit} files may be open, ${needed} are enough for every connection that is allowed`)
  return warn('open-files', `${limit} files may be open, but ${needed} are needed for every connection that is allowed (syslog.max_connections: ${maxConnections})`, `systemctl edit hps-hub: [Service] LimitNOFILE=${2 ** Math.ceil(Math.log2(needed))}; then systemctl restart hps-hub`)
}
