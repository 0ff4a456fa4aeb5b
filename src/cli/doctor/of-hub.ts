import type { DoctorCheck, DoctorView } from '#api/index.ts'
import { formatDuration } from '#base/duration.ts'

/** Further apart, what one says of times is not what the other means. */
const CLOCKS_APART_MS = 2000

/** The hub itself: that it answers, what it is, and whether its clock is that of this machine. */
export function examineAnswer({ version, host, started, now }: DoctorView, { url, own, clockMs }: { readonly url: string; readonly own: string; readonly clockMs: number }): readonly DoctorCheck[] {
  const upMs = Date.parse(now) - Date.parse(started)
  const apartMs = Math.abs(Date.parse(now) - clockMs)
  const hub: DoctorCheck = { name: 'hub', verdict: 'ok', finding: `${url} answers: version ${version} on ${host}, up ${formatDuration(upMs)}`, mend: null }
  return [
    version === own ? hub : { ...hub, verdict: 'warn', finding: `${hub.finding}; this command line is ${own}`, mend: 'systemctl restart hps-hub, or use the command line of the same version' },
    ...(apartMs > CLOCKS_APART_MS ? [{ name: 'clocks', verdict: 'warn', finding: `the clocks of the hub and of this machine are ${formatDuration(apartMs)} apart`, mend: 'timedatectl; chronyc tracking, on both' } as const] : []),
  ]
}

/** Nobody answers. */
export const unreachable = (reason: string, hint: string | undefined): DoctorCheck => ({ name: 'hub', verdict: 'fail', finding: reason, mend: hint ?? null })
