import type { DoctorCheck } from '#api/index.ts'
import { fault, ok, warn } from './verdicts.ts'

/** As HpsOutboxStuck of deploy/prometheus has it. */
const STUCK_MS = 900_000

/** Notices that do not get through. */
export function examineOutbox({ waiting, dead, oldestMs, nowMs }: { readonly waiting: number; readonly dead: number; readonly oldestMs: number | undefined; readonly nowMs: number }): DoctorCheck {
  const minutes = oldestMs === undefined ? 0 : Math.round((nowMs - oldestMs) / 60_000)
  if (oldestMs !== undefined && nowMs - oldestMs > STUCK_MS) return fault('outbox', `${waiting} notices wait, the oldest for ${minutes} minutes`, 'hps outbox; does the SMTP server (mail.host) answer?')
  if (dead > 0) return warn('outbox', `${dead} notices were given up: nobody was told`, 'hps outbox')
  return ok('outbox', waiting === 0 ? 'no notice waits' : `${waiting} notices wait, none for long`)
}
