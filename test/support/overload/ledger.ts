import { join } from 'node:path'
import Database from 'better-sqlite3'

/** One line of the loss ledger as it lies on disk, summed over hours and sessions; `address` is '' where the kernel does not say whose it was. */
export interface LedgerLine {
  readonly reason: string
  readonly listener: string
  readonly address: string
  readonly count: number
}

/** Of the data folder of a hub that has stopped. */
export function ledgerOf(data: string): readonly LedgerLine[] {
  const db = new Database(join(data, 'hub.db'), { readonly: true })
  try {
    return db.prepare<[], LedgerLine>(`SELECT reason, losses.listener AS listener, coalesce(address, '') AS address, sum(count) AS count
      FROM losses LEFT JOIN sources ON sources.id = losses.source_id GROUP BY 1, 2, 3 HAVING sum(count) <> 0 ORDER BY 1, 2, 3`).all()
  } finally {
    db.close()
  }
}
