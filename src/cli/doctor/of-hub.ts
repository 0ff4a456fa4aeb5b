import type { DoctorCheck, DoctorView, Verdict } from '#api/index.ts'
import { formatDuration } from '#base/duration.ts'

/** Further apart, what one says of times is not what the other means. */
const CLOCKS_APART_MS = 2000

const VERDICTS: readonly unknown[] = ['ok', 'warn', 'fail'] satisfies readonly Verdict[]
const isText = (value: unknown): boolean => typeof value === 'string'

/** Whether it is what a hub says; whatever listens on its port may have answered. */
export function isAnswer(value: unknown): value is DoctorView {
  const { version, host, started, now, checks } = (value ?? {}) as Readonly<Record<string, unknown>>
  const isCheck = (check: unknown): boolean => {
    const { name, verdict, finding, mend } = (check ?? {}) as Readonly<Record<string, unknown>>
    return isText(name) && VERDICTS.includes(verdict) && isText(finding) && (mend === null || isText(mend))
  }
  return [version, host].every(isText) && [started, now].every((at) => isText(at) && !Number.isNaN(Date.parse(String(at)))) && Array.isArray(checks) && checks.every(isCheck)
}

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
