import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createTokens, type Tokens } from '#api/index.ts'
import { createTokenRecords, isDiskFault } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { Records } from '../records.ts'
import type { WriterClient } from '../threads/writer-client.ts'

/** Callers: tokens from `hub.db`, and nodes by their leased or registered address. */
export function openTokens({ records, writer, clock, log }: { readonly records: Records; readonly writer: WriterClient; readonly clock: () => number; readonly log: Pick<Logger, 'debug'> }): Tokens {
  const stored = createTokenRecords(records.db)
  return createTokens({
    records: { ...stored, touch },
    clock,
    random: randomBytes,
    async nodeAt(address) {
      const reply = await writer.ask({ kind: 'identify', address })
      // an address that only showed up in messages is nobody's: anyone may have sent them
      if (!reply.ok || reply.nodeId === undefined || (reply.by !== 'lease' && reply.by !== 'registered-address')) return undefined
      const name = records.nodes.nameOf(reply.nodeId)
      return name === undefined ? undefined : { nodeId: reply.nodeId, name }
    },
  })

  /** When a token was used is a note for people: a disk that refuses it must not keep them out. */
  function touch(id: number, atMs: number): void {
    try {
      stored.touch(id, atMs)
    } catch (error) {
      if (!isDiskFault(error)) throw error
      log.debug({ token_id: id, reason: (error as Error).message }, 'Use of a token not noted')
    }
  }
}

/**
 * The token of the command line beside the hub, in a file only its owner can read. Made at first start, made again when the
 * file is gone or its token was revoked; the one before is revoked then.
 * @returns whether it was made now
 */
export function ensureOperatorToken(tokens: Tokens, path: string): { readonly secret: string; readonly isNew: boolean } {
  const LABEL = 'command line beside the hub'
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
  if (kept !== '' && tokens.authenticate(kept, '') !== undefined) return { secret: kept, isNew: false }
  for (const token of tokens.list()) if (token.label === LABEL && token.revoked === null) tokens.revoke(token.id, 'replaced: its file was gone or did not fit')
  const { secret } = tokens.create('operator', LABEL, undefined)
  writeFileSync(path, `${secret}\n`, { mode: 0o600 })
  chmodSync(path, 0o600) // the file may have been there with another mode
  return { secret, isNew: true }
}
