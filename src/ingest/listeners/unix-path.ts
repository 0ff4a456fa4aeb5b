import { once } from 'node:events'
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { ACCEPT_QUEUE_CONNECTIONS } from '#base/accept-queue.ts'

/** Who sends on a unix socket: it has no address of its own, and is nobody's until a message names a host. */
export const UNIX_ADDRESS = 'unix'
/** Unless the listener says otherwise: the hub's user and group. */
const DEFAULT_MODE = '0660'

/** Removes the socket that a hub left which was killed. Throws when somebody listens on it, or when it is no socket. */
export async function freeSocketPath(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!there.isSocket()) throw new Error(`${path} is there already and is no socket`)
  if (await isListenedOn(path)) throw new Error(`EADDRINUSE: another program listens on ${path}`)
  unlinkSync(path)
}

/** Listens, and lets in whom the mode (octal) lets in; the file goes when the server is closed. Throws when it cannot be made. */
export async function listenAtPath(server: Server, { path, mode = DEFAULT_MODE }: { readonly path: string; readonly mode?: string | undefined }): Promise<void> {
  server.listen({ path, backlog: ACCEPT_QUEUE_CONNECTIONS })
  await once(server, 'listening') // rejects with the server's error
  try {
    chmodSync(path, Number.parseInt(mode, 8))
  } catch (error) {
    server.close()
    throw error
  }
}

/** Only a refusal says that nobody does: a socket that may not be connected to, or whose queue is full, is somebody's. */
async function isListenedOn(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // EPROTOTYPE: a datagram socket, as /dev/log is
    return code !== 'ECONNREFUSED' && code !== 'ENOENT'
  } finally {
    socket.destroy()
  }
}
