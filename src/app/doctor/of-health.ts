import type { DoctorCheck } from '#api/index.ts'
import type { HealthResult } from '#telemetry/index.ts'
import { fault, ok, warn } from './verdicts.ts'

/** What mends a health check that does not pass. */
const MENDS: Readonly<Record<string, string>> = {
  syslog: 'journalctl -u hps-hub -n 50',
  store: 'df -h; then hps store stats: make room on the disk of the data folder, or lower store.max_size',
  records: 'df -h; then make room on the disk of the data folder',
  seal: 'hps store stats',
  space: 'hps store stats; then more disk, or a smaller store.retention or store.max_size',
  damage: 'hps store stats; restore the file from a backup (docs/backup.md), or hps store accept-loss NAME',
  rules: 'mend the file, then: systemctl reload hps-hub',
  mail: 'set mail.host in the configuration and receivers in routes.yaml (docs/reference/mail.md)',
  sinks: 'put right what the reason names (folder, permission, room, server); the sink goes on by itself: hps sinks',
  certificates: 'renew the files of the certificate, then: systemctl reload hps-hub',
}
const GOOD: Readonly<Record<string, string>> = {
  syslog: 'the listeners are bound', store: 'the disk takes messages', records: 'hub.db is written', seal: 'segments are sealed', space: 'the store has room', damage: 'nothing stored is damaged',
  rules: 'the rules on disk are in use', mail: 'an SMTP server and receivers are configured', sinks: 'all sinks write', certificates: 'no certificate expires soon',
}

/** Each health check of the hub as a line. */
export const examineHealth = (checks: Readonly<Record<string, HealthResult>>): readonly DoctorCheck[] =>
  Object.entries(checks).map(([name, { status, reason = 'no reason is given' }]) =>
    status === 'pass' ? ok(name, GOOD[name] ?? 'good') : (status === 'warn' ? warn : fault)(name, reason, MENDS[name] ?? 'hps logs app:hps-hub --since 1h'))
