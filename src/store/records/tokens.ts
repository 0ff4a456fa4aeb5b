import type { HubDatabase } from './database.ts'

/** A token as kept: only the SHA-256 of the secret. Times are milliseconds since the epoch. */
export interface TokenRow {
  readonly id: number
  readonly role: string
  readonly label: string
  readonly createdMs: number
  readonly expiresMs: number | null
  readonly lastUsedMs: number | null
  readonly revokedMs: number | null
  readonly revokedWhy: string | null
  /** A browser's login is the child of the token it was traded for, and never outlives it. */
  readonly parentId: number | null
}

export interface TokenRecords {
  create(token: { readonly hash: Uint8Array; readonly role: string; readonly label: string; readonly createdMs: number; readonly expiresMs: number | undefined; readonly parentId: number | undefined }): TokenRow
  /** The live token with this hash: neither it nor its parent is revoked or has expired at `nowMs`. */
  live(hash: Uint8Array, nowMs: number): TokenRow | undefined
  list(): readonly TokenRow[]
  /** With all its children. False: there is no such token, or it was revoked before. */
  revoke(id: number, atMs: number, why: string): boolean
  idOf(hash: Uint8Array): number | undefined
  touch(id: number, atMs: number): void
  /** Removes all but the newest `most` children of a token. */
  keepChildren(parentId: number, most: number): void
  /** Removes what expired or was revoked before `beforeMs`. */
  prune(beforeMs: number): number
}

const COLUMNS = `t.id, t.role, t.label, t.created_ms AS createdMs, t.expires_ms AS expiresMs, t.last_used_ms AS lastUsedMs,
  t.revoked_ms AS revokedMs, t.revoked_why AS revokedWhy, t.parent_id AS parentId`

/** The `tokens` table of `hub.db`; main is its only writer. */
export function createTokenRecords(db: HubDatabase): TokenRecords {
  const insert = db.prepare('INSERT INTO tokens (hash, role, label, created_ms, expires_ms, parent_id) VALUES (?, ?, ?, ?, ?, ?)')
  const byId = db.prepare<[number], TokenRow>(`SELECT ${COLUMNS} FROM tokens t WHERE t.id = ?`)
  const live = db.prepare<[Uint8Array, number, number], TokenRow>(`
    SELECT ${COLUMNS} FROM tokens t LEFT JOIN tokens p ON p.id = t.parent_id
    WHERE t.hash = ? AND t.revoked_ms IS NULL AND (t.expires_ms IS NULL OR t.expires_ms > ?)
      AND (t.parent_id IS NULL OR (p.id IS NOT NULL AND p.revoked_ms IS NULL AND (p.expires_ms IS NULL OR p.expires_ms > ?)))`)
  const all = db.prepare<[], TokenRow>(`SELECT ${COLUMNS} FROM tokens t ORDER BY t.id`)
  const idOf = db.prepare<[Uint8Array], { id: number }>('SELECT id FROM tokens WHERE hash = ?')
  const revoke = db.prepare('UPDATE tokens SET revoked_ms = ?, revoked_why = ? WHERE (id = ? OR parent_id = ?) AND revoked_ms IS NULL')
  const touch = db.prepare('UPDATE tokens SET last_used_ms = ? WHERE id = ?')
  const keepChildren = db.prepare('DELETE FROM tokens WHERE parent_id = ? AND id NOT IN (SELECT id FROM tokens WHERE parent_id = ? ORDER BY id DESC LIMIT ?)')
  const prune = db.prepare('DELETE FROM tokens WHERE revoked_ms < ? OR expires_ms < ?')
  return {
    create({ hash, role, label, createdMs, expiresMs, parentId }) {
      const { lastInsertRowid } = insert.run(hash, role, label, createdMs, expiresMs ?? null, parentId ?? null)
      return byId.get(Number(lastInsertRowid))!
    },
    live: (hash, nowMs) => live.get(hash, nowMs, nowMs),
    list: () => all.all(),
    revoke: (id, atMs, why) => revoke.run(atMs, why, id, id).changes > 0,
    idOf: (hash) => idOf.get(hash)?.id,
    touch: (id, atMs) => void touch.run(atMs, id),
    keepChildren: (parentId, most) => void keepChildren.run(parentId, parentId, most),
    prune: (beforeMs) => prune.run(beforeMs, beforeMs).changes,
  }
}
