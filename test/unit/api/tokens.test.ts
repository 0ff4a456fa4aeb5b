import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createTokens, type Tokens } from '#api/index.ts'
import { createTokenRecords, openHubDatabase } from '#store/index.ts'

const undo: (() => void)[] = []
afterEach(() => undo.splice(0).forEach((step) => step()))

function aTokens(): { tokens: Tokens; clock: { nowMs: number }; db: ReturnType<typeof openHubDatabase> } {
  const folder = mkdtempSync(join(tmpdir(), 'hps-tokens-'))
  const db = openHubDatabase(join(folder, 'hub.db'))
  undo.push(() => (db.close(), rmSync(folder, { recursive: true })))
  const clock = { nowMs: Date.parse('2026-11-22T03:00:00Z') }
  let seed = 0
  const random = (bytes: number) => createHash('sha256').update(String(seed++)).digest().subarray(0, bytes)
  return { tokens: createTokens({ records: createTokenRecords(db), clock: () => clock.nowMs, random, nodeAt: async () => undefined }), clock, db }
}
const isIn = (tokens: Tokens, secret: string): boolean => tokens.authenticate(secret, '192.0.2.1') !== undefined

test.for([['operator', 'hps_op_'], ['viewer', 'hps_vw_'], ['metrics', 'hps_mt_']] as const)('a secret of a %s begins with %s and holds 32 random bytes', ([role, prefix]) => {
  const { tokens } = aTokens()
  const { secret, token } = tokens.create(role, 'me', undefined)
  expect(secret.startsWith(prefix)).toBe(true)
  expect(Buffer.from(secret.slice(7), 'base64url')).toHaveLength(32)
  expect(tokens.authenticate(secret, '192.0.2.1')).toEqual({ role, tokenId: token.id, label: 'me' })
})

test('the database holds the hash of a secret and never the secret', () => {
  const { tokens, db } = aTokens()
  const { secret } = tokens.create('operator', 'me', undefined)
  expect(JSON.stringify(db.prepare('SELECT * FROM tokens').all())).not.toContain(secret)
  expect((db.prepare('SELECT hash FROM tokens').get() as { hash: Uint8Array }).hash).toEqual(createHash('sha256').update(secret).digest())
  expect(JSON.stringify(tokens.list())).not.toContain(secret.slice(7))
})

test('a token ends when it expires', () => {
  const { tokens, clock } = aTokens()
  const { secret } = tokens.create('viewer', 'me', clock.nowMs + 1000)
  expect(isIn(tokens, secret)).toBe(true)
  clock.nowMs += 1000
  expect(isIn(tokens, secret)).toBe(false)
})

test('revoking a token ends the logins made from it, and cannot be done twice', () => {
  const { tokens } = aTokens()
  const { secret, token } = tokens.create('operator', 'me', undefined)
  const child = tokens.create('operator', 'my browser', undefined, token.id)
  expect(isIn(tokens, child.secret)).toBe(true)
  tokens.revoke(token.id, 'lost')
  expect([isIn(tokens, secret), isIn(tokens, child.secret)]).toEqual([false, false])
  expect(tokens.list()[0]).toMatchObject({ revoked: '2026-11-22T03:00:00.000Z', revoked_why: 'lost' })
  expect(() => tokens.revoke(token.id, 'again')).toThrow('no live token')
})

test('a token has a bounded number of logins; the newest stay, and so do those of others', () => {
  const { tokens } = aTokens()
  const [mine, other] = [tokens.create('viewer', 'me', undefined), tokens.create('viewer', 'you', undefined)]
  const yours = tokens.create('viewer', 'your browser', undefined, other.token.id)
  const logins = Array.from({ length: 130 }, () => tokens.create('viewer', 'my browser', undefined, mine.token.id))
  expect(tokens.list()).toHaveLength(103)
  expect([isIn(tokens, logins[0]!.secret), isIn(tokens, logins.at(-1)!.secret), isIn(tokens, yours.secret), isIn(tokens, mine.secret)]).toEqual([false, true, true, true])
})

test('a login does not outlive the token it came from', () => {
  const { tokens, clock } = aTokens()
  const { token } = tokens.create('operator', 'me', clock.nowMs + 1000)
  const child = tokens.create('operator', 'my browser', clock.nowMs + 900_000, token.id)
  clock.nowMs += 1000
  expect(isIn(tokens, child.secret)).toBe(false)
})

test('a secret that showed up in a message is revoked by its hash alone', () => {
  const { tokens } = aTokens()
  const { secret, token } = tokens.create('operator', 'me', undefined)
  expect(tokens.revokeHash(createHash('sha256').update('another').digest(), 'seen')).toBe(undefined)
  expect(tokens.revokeHash(createHash('sha256').update(secret).digest(), 'seen in message 7')).toBe(token.id)
  expect(isIn(tokens, secret)).toBe(false)
})

test('the time of last use is written at most once a minute', () => {
  const { tokens, clock } = aTokens()
  const { secret } = tokens.create('viewer', 'me', undefined)
  const used = () => (isIn(tokens, secret), tokens.list()[0]!.last_used)
  expect(used()).toBe('2026-11-22T03:00:00.000Z')
  clock.nowMs += 59_999
  expect(used()).toBe('2026-11-22T03:00:00.000Z')
  clock.nowMs += 1
  expect(used()).toBe('2026-11-22T03:01:00.000Z')
})

test('tokens that have long been dead are forgotten when the next is made', () => {
  const { tokens, clock } = aTokens()
  const { token } = tokens.create('viewer', 'old', undefined)
  tokens.revoke(token.id, 'lost')
  clock.nowMs += 30 * 86_400_000 + 1
  tokens.create('viewer', 'new', undefined)
  expect(tokens.list().map(({ label }) => label)).toEqual(['new'])
})

test.for(['', 'hps_op_', 'hps_xx_' + 'a'.repeat(43), 'hps_op_' + 'a'.repeat(44), 'hps_op_' + '/'.repeat(43)])('%j is no token, and the database is not asked', (secret) => {
  const { tokens, db } = aTokens()
  db.exec('DROP TABLE tokens')
  expect(isIn(tokens, secret)).toBe(false)
})
