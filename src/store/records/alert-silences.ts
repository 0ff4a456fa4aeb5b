import type { AlertMatcher, AlertSilence } from '#domain/alert.ts'
import type { HubDatabase } from './database.ts'

export type NewAlertSilence = Omit<AlertSilence, 'id' | 'endedMs' | 'endedBy'>

/** Silences that are over stay as history: so many of them, the newest. */
const MAX_HISTORY = 1000

/** Rows of `alert_silences`. Main writes. */
export interface AlertSilenceRecords {
  /** What is in force at a time, or will be; the first to begin first. */
  ahead(nowMs: number): readonly AlertSilence[]
  /** All that is kept, newest first. */
  list(): readonly AlertSilence[]
  byId(id: number): AlertSilence | undefined
  /** Returns the id. */
  add(silence: NewAlertSilence): number
  /** False when it is over already, or never was. */
  end(id: number, ended: { readonly atMs: number; readonly by: string }): boolean
}

interface Raw { id: number; matchers: string; from_ms: number; until_ms: number; reason: string; by_whom: string; made_ms: number; ended_ms: number | null; ended_by: string | null }

export function createAlertSilenceRecords(db: HubDatabase): AlertSilenceRecords {
  const ahead = db.prepare<[number], Raw>('SELECT * FROM alert_silences WHERE ended_ms IS NULL AND until_ms > ? ORDER BY from_ms, id')
  const list = db.prepare<[], Raw>('SELECT * FROM alert_silences ORDER BY id DESC')
  const byId = db.prepare<[number], Raw>('SELECT * FROM alert_silences WHERE id = ?')
  const add = db.prepare('INSERT INTO alert_silences (matchers, from_ms, until_ms, reason, by_whom, made_ms) VALUES (:matchers, :fromMs, :untilMs, :reason, :by, :madeMs)')
  const end = db.prepare('UPDATE alert_silences SET ended_ms = :atMs, ended_by = :by WHERE id = :id AND ended_ms IS NULL AND until_ms > :atMs')
  const trim = db.prepare('DELETE FROM alert_silences WHERE (ended_ms IS NOT NULL OR until_ms <= :nowMs) AND id <= (SELECT id FROM alert_silences ORDER BY id DESC LIMIT 1 OFFSET :kept)')
  return {
    ahead: (nowMs) => ahead.all(Math.round(nowMs)).map(read),
    list: () => list.all().map(read),
    byId: (id) => [byId.get(id)].filter((row) => row !== undefined).map(read)[0],
    add(silence) {
      const madeMs = Math.round(silence.madeMs)
      const { lastInsertRowid } = add.run({
        matchers: JSON.stringify(silence.matchers), fromMs: Math.round(silence.fromMs), untilMs: Math.round(silence.untilMs), reason: silence.reason, by: silence.by, madeMs,
      })
      trim.run({ nowMs: madeMs, kept: MAX_HISTORY })
      return Number(lastInsertRowid)
    },
    end: (id, { atMs, by }) => end.run({ id, atMs: Math.round(atMs), by }).changes > 0,
  }
}

const read = (raw: Raw): AlertSilence => ({
  id: raw.id, matchers: JSON.parse(raw.matchers) as AlertMatcher[], fromMs: raw.from_ms, untilMs: raw.until_ms, reason: raw.reason, by: raw.by_whom, madeMs: raw.made_ms,
  endedMs: raw.ended_ms ?? undefined, endedBy: raw.ended_by ?? undefined,
})
