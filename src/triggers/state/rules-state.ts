import { RulesDatabaseFault, type HubDatabase } from '#store/index.ts'
import type { StateChange, StateRow } from '../correlate/correlator.ts'
import type { Finding } from '../finding.ts'
import type { ScheduleMark } from '../schedule/schedules.ts'

/** Up to where everything was taken. */
export interface Position {
  /** Seq of the last message. */
  readonly cursor: number
  /** Number of the last hub event. */
  readonly eventId: number
  readonly watermarkMs: number
  /** The last number given to a finding. */
  readonly findingId: number
}

export interface RulesCommit {
  readonly position: Position
  readonly changes: Iterable<StateChange>
  readonly findings: readonly Finding[]
  /** Findings up to this number have had their effects. */
  readonly appliedId: number
  readonly schedules: readonly ScheduleMark[]
}

/** `rules.db`: all of one moment, written in one transaction. */
export interface RulesState {
  /** undefined: nothing was written yet. */
  position(): Position | undefined
  rows(): Iterable<StateRow>
  /** Findings that may not have had their effects, in their order. */
  findings(): readonly Finding[]
  /** Number of the first of them. */
  firstFinding(): number | undefined
  schedules(): readonly ScheduleMark[]
  /** Throws what SQLite throws; then nothing was written. */
  commit(commit: RulesCommit): void
  close(): void
}

interface RawState { rule: string; state_version: string; key: string; state: Uint8Array }
interface RawPosition { cursor: number; event_id: number; watermark_ms: number; finding_id: number }

export function createRulesState(db: HubDatabase): RulesState {
  const readPosition = db.prepare<[], RawPosition>('SELECT * FROM position')
  const readState = db.prepare<[], RawState>('SELECT * FROM state')
  const readFindings = db.prepare<[], { body: string }>('SELECT body FROM findings ORDER BY id')
  const readFirst = db.prepare<[], { id: number | null }>('SELECT min(id) AS id FROM findings')
  const readSchedules = db.prepare<[], { rule: string; state_version: string; past_ms: number }>('SELECT * FROM schedules')
  const save = db.prepare('INSERT INTO state (rule, state_version, key, state) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state')
  const remove = db.prepare('DELETE FROM state WHERE rule = ? AND state_version = ? AND key = ?')
  const addFinding = db.prepare('INSERT INTO findings (id, body) VALUES (?, ?)')
  const dropFindings = db.prepare('DELETE FROM findings WHERE id <= ?')
  const savePosition = db.prepare(
    `INSERT INTO position (id, cursor, event_id, watermark_ms, finding_id) VALUES (1, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET cursor = excluded.cursor, event_id = excluded.event_id, watermark_ms = excluded.watermark_ms, finding_id = excluded.finding_id`,
  )
  const clearSchedules = db.prepare('DELETE FROM schedules')
  const saveSchedule = db.prepare('INSERT INTO schedules (rule, state_version, past_ms) VALUES (?, ?, ?)')
  const write = db.transaction(({ position, changes, findings, appliedId, schedules }: RulesCommit) => {
    for (const { rule, stateVersion, key, state } of changes) {
      if (state === undefined) remove.run(rule, stateVersion, key)
      else save.run(rule, stateVersion, key, state)
    }
    for (const finding of findings) addFinding.run(finding.id, JSON.stringify(finding))
    dropFindings.run(appliedId)
    savePosition.run(position.cursor, position.eventId, Math.round(position.watermarkMs), position.findingId)
    clearSchedules.run()
    for (const { rule, stateVersion, pastMs } of schedules) saveSchedule.run(rule, stateVersion, Math.round(pastMs))
  })
  return {
    position() {
      const raw = readPosition.get()
      return raw === undefined ? undefined : { cursor: raw.cursor, eventId: raw.event_id, watermarkMs: raw.watermark_ms, findingId: raw.finding_id }
    },
    *rows() {
      for (const { rule, state_version: stateVersion, key, state } of readState.iterate()) yield { rule, stateVersion, key, state }
    },
    findings: () => readFindings.all().map(({ body }) => findingOf(body)),
    firstFinding: () => readFirst.get()?.id ?? undefined,
    schedules: () => readSchedules.all().map(({ rule, state_version: stateVersion, past_ms: pastMs }) => ({ rule, stateVersion, pastMs })),
    commit: (commit) => write.immediate(commit),
    close: () => void db.close(),
  }
}

/** @throws as a damaged `rules.db` */
function findingOf(body: string): Finding {
  try {
    return JSON.parse(body) as Finding
  } catch (cause) {
    throw new RulesDatabaseFault('a finding in rules.db cannot be read', { cause })
  }
}
