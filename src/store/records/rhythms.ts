import { SILENCE_REASONS, SILENCE_SUBJECTS, type GapLength, type SilenceReason, type SilenceSubject } from '#domain/silence.ts'
import type { HubDatabase } from './database.ts'

/** What is learned of one node or sender. */
export interface RhythmRecord {
  readonly subject: SilenceSubject
  readonly id: number
  readonly spokeMs: number
  /** Its last message. */
  readonly lastSeq: number
  readonly gaps: number
  readonly learnedMs: number
  readonly lengths: readonly GapLength[]
}

/** A silence that was told and goes on. Of the hub itself the id is 0. */
export interface SilenceRecord {
  readonly subject: SilenceSubject
  readonly id: number
  readonly reason: SilenceReason
  /** The node that it is about; 0: none. */
  readonly nodeId: number
  /** Its last message came then. */
  readonly sinceMs: number
  readonly noticedMs: number
  /** 0: not known. */
  readonly usualMs: number
  readonly limitMs: number
  readonly lastSeq: number
  /** Of the hub: how many should have spoken, and how many of them did not; else 0. */
  readonly expected: number
  readonly unheard: number
}

/** Rows of `rhythms` and `silences`. The log writer writes; main reads. */
export interface RhythmRecords {
  list(): RhythmRecord[]
  of(subject: SilenceSubject, id: number): RhythmRecord | undefined
  save(rhythm: RhythmRecord): void
  remove(subject: SilenceSubject, id: number): void
  /** The longest first. */
  silences(): SilenceRecord[]
  silence(subject: SilenceSubject, id: number): SilenceRecord | undefined
  saveSilence(silence: SilenceRecord): void
  endSilence(subject: SilenceSubject, id: number): void
}

interface Row { subject: string; id: number; spoke_ms: number; last_seq: number; gaps: number; learned_ms: number; lengths: string }
interface SilenceRow { subject: string; id: number; reason: string; node_id: number; since_ms: number; noticed_ms: number; usual_ms: number; limit_ms: number; last_seq: number; expected: number; unheard: number }

export function createRhythmRecords(db: HubDatabase): RhythmRecords {
  const list = db.prepare<[], Row>('SELECT * FROM rhythms')
  const one = db.prepare<[string, number], Row>('SELECT * FROM rhythms WHERE subject = ? AND id = ?')
  const save = db.prepare(`
    INSERT INTO rhythms (subject, id, spoke_ms, last_seq, gaps, learned_ms, lengths) VALUES (:subject, :id, :spokeMs, :lastSeq, :gaps, :learnedMs, :lengths)
    ON CONFLICT (subject, id) DO UPDATE SET spoke_ms = excluded.spoke_ms, last_seq = excluded.last_seq, gaps = excluded.gaps, learned_ms = excluded.learned_ms, lengths = excluded.lengths`)
  const remove = db.prepare('DELETE FROM rhythms WHERE subject = ? AND id = ?')
  const silences = db.prepare<[], SilenceRow>('SELECT * FROM silences ORDER BY since_ms, subject, id')
  const silence = db.prepare<[string, number], SilenceRow>('SELECT * FROM silences WHERE subject = ? AND id = ?')
  const saveSilence = db.prepare(`
    INSERT INTO silences (subject, id, reason, node_id, since_ms, noticed_ms, usual_ms, limit_ms, last_seq, expected, unheard)
    VALUES (:subject, :id, :reason, :nodeId, :sinceMs, :noticedMs, :usualMs, :limitMs, :lastSeq, :expected, :unheard) ON CONFLICT (subject, id) DO NOTHING`)
  const endSilence = db.prepare('DELETE FROM silences WHERE subject = ? AND id = ?')
  return {
    list: () => list.all().filter(isKnown).map(rhythmOf),
    of: (subject, id) => [one.get(subject, id)].filter((row) => row !== undefined).map(rhythmOf)[0],
    save: ({ lengths, ...rhythm }) => void save.run({
      ...rhythm, spokeMs: Math.round(rhythm.spokeMs), learnedMs: Math.round(rhythm.learnedMs),
      lengths: JSON.stringify(lengths.map(({ octave, longestMs, seenMs, isUsual }) => [octave, Math.round(longestMs), Math.round(seenMs), isUsual ? 1 : 0])),
    }),
    remove: (subject, id) => void remove.run(subject, id),
    silences: () => silences.all().filter(isKnown).map(silenceOf),
    silence: (subject, id) => [silence.get(subject, id)].filter((row) => row !== undefined).map(silenceOf)[0],
    saveSilence: (row) => void saveSilence.run({
      ...row, sinceMs: Math.round(row.sinceMs), noticedMs: Math.round(row.noticedMs), usualMs: Math.round(row.usualMs), limitMs: Math.round(row.limitMs),
    }),
    endSilence: (subject, id) => void endSilence.run(subject, id),
  }
}

const isKnown = ({ subject }: { readonly subject: string }): boolean => (SILENCE_SUBJECTS as readonly string[]).includes(subject)

function rhythmOf(row: Row): RhythmRecord {
  const lengths = (JSON.parse(row.lengths) as [number, number, number, number][]).map(([octave, longestMs, seenMs, isUsual]) => ({ octave, longestMs, seenMs, isUsual: isUsual === 1 }))
  return { subject: row.subject as SilenceSubject, id: row.id, spokeMs: row.spoke_ms, lastSeq: row.last_seq, gaps: row.gaps, learnedMs: row.learned_ms, lengths }
}

const silenceOf = (row: SilenceRow): SilenceRecord => ({
  subject: row.subject as SilenceSubject, id: row.id, reason: SILENCE_REASONS.find((reason) => reason === row.reason) ?? 'stopped', nodeId: row.node_id,
  sinceMs: row.since_ms, noticedMs: row.noticed_ms, usualMs: row.usual_ms, limitMs: row.limit_ms, lastSeq: row.last_seq, expected: row.expected, unheard: row.unheard,
})
