import { createHash } from 'node:crypto'
import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import type { TokenRecords, TokenRow } from '#store/index.ts'
import type { TokensPart, TokenView } from './parts.ts'

/** A secret names its role, so that a person who finds one knows what it opens; 32 random bytes make it. */
const PREFIXES = { operator: 'hps_op_', viewer: 'hps_vw_', metrics: 'hps_mt_' } as const
const SECRET = /^hps_(?:op|vw|mt)_[A-Za-z0-9_-]{43}$/
const SECRET_BYTES = 32
const MAX_LABEL_LENGTH = 200
/** Logins of one token; the oldest gives way. */
const MAX_LOGINS = 100
/** `last_used` is written at most this often: each write is an fsync. */
const TOUCH_EVERY_MS = 60_000
/** Dead tokens are shown this long, then forgotten. */
const KEEP_DEAD_MS = 30 * 86_400_000

export interface TokensOptions {
  readonly records: TokenRecords
  readonly clock: () => number
  /** That many random bytes, unpredictable. */
  readonly random: (bytes: number) => Uint8Array
  readonly nodeAt: TokensPart['nodeAt']
}
export interface Tokens extends TokensPart {
  /** For a secret that showed up in a received message, known only by its SHA-256. @returns the token's id, undefined when it is none of ours */
  revokeHash(hash: Uint8Array, why: string): number | undefined
}

/** The tokens of people and programs. Secrets are shown once and kept as SHA-256: 256 random bits need no slow hash. */
export function createTokens({ records, clock, random, nodeAt }: TokensOptions): Tokens {
  return {
    nodeAt,
    authenticate(secret) {
      if (!SECRET.test(secret)) return undefined
      const nowMs = clock()
      const token = records.live(hashOf(secret), nowMs)
      if (token === undefined || !isRole(token.role)) return undefined
      if (nowMs - (token.lastUsedMs ?? 0) >= TOUCH_EVERY_MS) records.touch(token.id, nowMs)
      return { role: token.role, tokenId: token.id, label: token.label }
    },
    create(role, label, expiresMs, parentId) {
      const createdMs = clock()
      records.prune(createdMs - KEEP_DEAD_MS)
      const secret = PREFIXES[role] + Buffer.from(random(SECRET_BYTES)).toString('base64url')
      const token = records.create({ hash: hashOf(secret), role, label: label.slice(0, MAX_LABEL_LENGTH), createdMs, expiresMs, parentId })
      if (parentId !== undefined) records.keepChildren(parentId, MAX_LOGINS)
      return { secret, token: viewOf(token) }
    },
    list: () => records.list().map(viewOf),
    revoke(id, why) {
      if (!records.revoke(id, clock(), why)) throw new AppFault('not-found', `There is no live token ${id}`)
    },
    revokeHash(hash, why) {
      const id = records.idOf(hash)
      return id !== undefined && records.revoke(id, clock(), why) ? id : undefined
    },
  }
}

const hashOf = (secret: string): Uint8Array => createHash('sha256').update(secret).digest()
const isRole = (role: string): role is keyof typeof PREFIXES => Object.hasOwn(PREFIXES, role)
const timeOf = (ms: number | null): string | null => (ms === null ? null : formatUtc(ms))

const viewOf = (token: TokenRow): TokenView => ({
  id: token.id,
  role: token.role,
  label: token.label,
  created: formatUtc(token.createdMs),
  expires: timeOf(token.expiresMs),
  last_used: timeOf(token.lastUsedMs),
  revoked: timeOf(token.revokedMs),
  revoked_why: token.revokedWhy,
})
