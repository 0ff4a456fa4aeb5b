import type { DoctorCheck, Verdict } from '#api/index.ts'

/** What the examinations answer in: one line of `hps doctor` each. */
export const ok = (name: string, finding: string): DoctorCheck => ({ name, verdict: 'ok', finding, mend: null })
export const warn = (name: string, finding: string, mend: string): DoctorCheck => ({ name, verdict: 'warn', finding, mend })
export const fault = (name: string, finding: string, mend: string): DoctorCheck => ({ name, verdict: 'fail', finding, mend })

export const worstOf = (checks: readonly DoctorCheck[]): Verdict => (checks.some(({ verdict }) => verdict === 'fail') ? 'fail' : checks.some(({ verdict }) => verdict === 'warn') ? 'warn' : 'ok')
