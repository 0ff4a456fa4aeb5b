import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createOutboxPart } from '../../../src/app/parts/outbox.ts'
import { openRecords } from '../../../src/app/records.ts'

test('a waiting notice is shown with the subject of its mail and when it is tried', async () => {
  using records = openRecords(join(mkdtempSync(join(tmpdir(), 'hps-outbox-')), 'hub.db'))
  records.outbox.add({ dedupKey: 'a', channel: 'mail', receiver: 'ops', payload: JSON.stringify({ severity: 'critical', title: 'tch-001 panicked' }), createdMs: 0, alertId: undefined })
  expect(await createOutboxPart(records)()).toMatchObject([{ state: 'queued', receiver: 'ops', subject: '[CRITICAL] tch-001 panicked', created: '1970-01-01T00:00:00.000Z', done: null }])
})
