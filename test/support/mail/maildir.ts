import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { simpleParser, type ParsedMail } from 'mailparser'

/** Mails of a Maildir, in the order in which they were delivered. */
export async function readMaildir(folder: string): Promise<readonly ParsedMail[]> {
  const inbox = join(folder, 'new')
  if (!existsSync(inbox)) return []
  const files = readdirSync(inbox).map((name) => ({ path: join(inbox, name), atMs: statSync(join(inbox, name)).mtimeMs }))
  return Promise.all(files.toSorted((a, b) => a.atMs - b.atMs).map(({ path }) => simpleParser(readFileSync(path))))
}

/** Whether something on this machine takes connections there. */
export const listens = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)))
  socket.on('error', () => resolve(false))
})
