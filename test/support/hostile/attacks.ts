import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { gone, open, type Opened, type Opening, type Tally, type Target, type Way } from './target.ts'

/** What connects to a log port and is no log sender, or is one that fails in the middle. Each attack is one connection. */
type Attack = (opened: Opened) => Promise<void> | void

const ENDLESS_BYTES = 100 * 1000 * 1000
const CHUNK = Buffer.alloc(64 * 1024, 'x')
/** An attack that has not ended by itself is cut off. */
const LONGEST_MS = 20_000

const endless = (head: string): Attack => async ({ socket }) => {
  const closed = once(socket, 'close')
  socket.write(head)
  for (let sent = 0; sent < ENDLESS_BYTES && !socket.destroyed; sent += CHUNK.length) {
    if (!socket.write(CHUNK)) await Promise.race([once(socket, 'drain'), closed])
  }
  socket.end()
}

/** Says it, and closes in order. */
const says = (...pieces: readonly (string | Buffer)[]): Attack => ({ socket }) => {
  for (const piece of pieces) socket.write(piece)
  socket.end()
}
const reset = (before: string | Buffer): Attack => async ({ socket, bare }) => {
  if (before.length > 0) await new Promise<void>((resolve) => socket.write(before, () => resolve()))
  bare.resetAndDestroy()
}
/** The first bytes of a TLS 1.2 ClientHello record. */
const HALF_HELLO = Buffer.from('1603010200010001fc0303', 'hex')
const HELLO_OF_NOTHING = Buffer.concat([HALF_HELLO, randomBytes(508)])
const RELP_OPEN = '1 open 30 relp_version=0\ncommands=syslog\n'

/** Large attacks are listed apart: they cost the machine most. */
export const LARGE: readonly (Named & { readonly attack: Attack })[] = [
  { name: 'a line of 100 MB without an end', way: 'tcp', attack: endless('<13>1 - endless hostile - - - ') },
  { name: 'a count of 100 MB', way: 'tcp', attack: endless('104857600 <13>1 - counted hostile - - - ') },
  { name: 'a line of 100 MB over TLS', way: 'tls', attack: endless('<13>1 - endless hostile - - - ') },
  { name: 'a line of 100 MB by the unix socket', way: 'unix', attack: endless('<13>1 - endless hostile - - - ') },
  { name: 'a RELP frame of 100 MB', way: 'relp', attack: endless(`${RELP_OPEN}2 syslog 104857600 `) },
]

interface Named { readonly name: string; readonly way: Way; readonly isBare?: boolean }

export const SMALL: readonly (Named & { readonly attack: Attack })[] = [
  { name: 'half a line', way: 'tcp', attack: says('<13>1 - half hostile - - - the end is') },
  { name: 'half a counted frame', way: 'tcp', attack: says('500 <13>1 - half hostile - - - not five hundred') },
  { name: 'half a line over TLS', way: 'tls', attack: says('<13>1 - half hostile - - - the end is') },
  { name: 'half a line by the unix socket', way: 'unix', attack: says('<13>1 - half hostile - - - the end is') },
  { name: 'half a RELP frame', way: 'relp', attack: says(RELP_OPEN, '2 syslog 500 <13>half') },
  { name: 'half a handshake', way: 'tls', isBare: true, attack: says(HALF_HELLO) },
  { name: 'connects and closes', way: 'tcp', attack: says() },
  { name: 'connects to TLS and closes', way: 'tls', isBare: true, attack: says() },
  { name: 'reset in a line', way: 'tcp', attack: reset('<13>1 - half hostile - - - and reset') },
  { name: 'reset at once', way: 'tcp', attack: reset('') },
  { name: 'reset in a RELP frame', way: 'relp', attack: reset(`${RELP_OPEN}2 syslog 500 half`) },
  { name: 'reset in a handshake', way: 'tls', isBare: true, attack: reset(HALF_HELLO) },
  { name: 'reset over TLS', way: 'tls', attack: reset('<13>1 - half hostile - - - and reset') },
  { name: 'random bytes', way: 'tcp', attack: (opened) => says(randomBytes(4096), '\n')(opened) },
  { name: 'random bytes for RELP', way: 'relp', attack: (opened) => says(randomBytes(4096))(opened) },
  { name: 'random bytes for TLS', way: 'tls', isBare: true, attack: (opened) => says(randomBytes(4096))(opened) },
  { name: 'random bytes by the unix socket', way: 'unix', attack: (opened) => says(randomBytes(4096))(opened) },
  { name: 'plain text to TLS', way: 'tls', isBare: true, attack: says('<13>1 - plain hostile - - - in the clear\n') },
  { name: 'TLS to a plain port', way: 'tcp', attack: says(HELLO_OF_NOTHING) },
  { name: 'TLS to RELP', way: 'relp', attack: says(HELLO_OF_NOTHING) },
  { name: 'HTTP to a log port', way: 'tcp', attack: says('GET / HTTP/1.1\r\nhost: hub\r\n\r\n') },
  { name: 'RELP numbers that are none', way: 'relp', attack: says('999999999999 syslog 3 abc\n') },
  { name: 'a RELP length that is a lie', way: 'relp', attack: says(RELP_OPEN, '2 syslog 3 abcdef\n') },
  { name: 'zeros', way: 'tcp', attack: says(Buffer.alloc(8192)) },
]

/** Runs one attack to its end. */
export async function attackOnce(target: Target, tally: Tally, { attack, way, isBare = false, number }: Opening & { readonly attack: Attack }): Promise<void> {
  const opened = await open(target, tally, { way, isBare, number })
  if (opened !== undefined) await Promise.all([attack(opened), gone(opened.socket, LONGEST_MS)])
}
