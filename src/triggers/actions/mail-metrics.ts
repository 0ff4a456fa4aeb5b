import type { MetricDeclaration } from '#telemetry/index.ts'

/** Metrics of the mail beside those of every channel. */
export const MAIL_METRICS: readonly MetricDeclaration[] = [
  { kind: 'counter', name: 'hps_mails_cut_total', help: 'Mails that were made anew without context, since the server takes smaller ones only.' },
  { kind: 'counter', name: 'hps_mail_recipients_refused_total', help: 'Addresses of a mail that the server refused: for now (tried again, alone) or for good.', labels: { kind: ['for-now', 'for-good'] } },
]
